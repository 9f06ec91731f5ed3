import { serialize } from '@marcbachmann/cel-js';
import type { ASTNode, BinaryOperator } from '@marcbachmann/cel-js';

const BINARY: ReadonlySet<string> = new Set([
  '!=',
  '==',
  'in',
  '+',
  '-',
  '*',
  '/',
  '%',
  '<',
  '<=',
  '>',
  '>=',
  '&&',
  '||',
]);

type BinaryNode = Extract<ASTNode, { op: BinaryOperator | '&&' | '||' }>;

/** Whether a node has a left and a right operand. */
export const isBinary = (node: ASTNode): node is BinaryNode => BINARY.has(node.op);

/** The nodes right below a node, in the order of the text; none below a dotted name. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  if (isBinary(node)) return node.args;
  switch (node.op) {
    case '?:':
      return node.args;
    case '!_':
    case '-_':
      return [node.args];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case 'value':
    case 'id':
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return [];
  }
}

/** The operands of a call, the receiver first where there is one. */
export function operandsOf(node: Extract<ASTNode, { op: 'call' | 'rcall' }>): readonly ASTNode[] {
  return node.op === 'call' ? node.args[1] : [node.args[1], ...node.args[2]];
}

export const isNullLiteral = (node: ASTNode): boolean => node.op === 'value' && node.args === null;

/** A node as text again, with the brackets that it needs. */
export const textOf = (node: ASTNode): string => serialize(node);

/** A node as a double: `2.0` where it is the literal 2, else `double(plane.year)`. */
export function asDouble(node: ASTNode): string {
  const text = textOf(node);
  return /^-?\d+$/.test(text) ? `${text}.0` : `double(${text})`;
}

/**
 * Where a node stands in the text, with its brackets: the library's own range of `(a + b) / 2` begins at `a`, behind the
 * bracket that it closes.
 */
export function rangeOf({ input, start, end }: ASTNode): { start: number; end: number } {
  let depth = 0;
  let missing = 0;
  for (const [symbol] of input.slice(start, end).matchAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[()]/gs)) {
    if (symbol === '(') depth++;
    else if (symbol === ')' && depth > 0) depth--;
    else if (symbol === ')') missing++;
  }
  let from = start;
  let to = end;
  for (; missing > 0 && from > 0; from--) if (input[from - 1] === '(') missing--;
  for (; depth > 0 && to < input.length; to++) if (input[to] === ')') depth--;
  return { start: from, end: to };
}
