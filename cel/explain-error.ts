import type { ASTNode } from '@marcbachmann/cel-js';
import { spokenType, typeOf } from './cel-type.ts';
import type { ExpressionProblem } from './expression.ts';
import { overloadsOf } from './functions.ts';
import { asDouble, childrenOf, isBinary, operandsOf, rangeOf, textOf } from './node.ts';

/** What the library's errors carry: `node` where one was reached, `range` always. */
interface LibraryError {
  code?: string;
  summary?: string;
  node?: unknown;
  range?: { start: number; end: number };
}

type Found = Pick<ExpressionProblem, 'start' | 'end' | 'message'>;

/** The problem of a text that does not parse. */
export function explainSyntax(error: unknown, text: string): ExpressionProblem {
  const { code, summary, range } = error as LibraryError;
  const start = Math.min(range?.start ?? 0, text.length);
  const end = Math.min(Math.max(range?.end ?? start, start), text.length);
  const problem = { severity: 'error', start, end } as const;
  if (code === 'limit_exceeded') return { ...problem, code: 'CEL_LIMIT', message: 'the expression is too large' };
  if (code === 'invalid_macro_argument') {
    return { ...problem, code: 'CEL_UNSUPPORTED', message: 'macros over lists are not supported in Tandem' };
  }
  if (text.trim() === '') return { ...problem, code: 'CEL_SYNTAX', message: 'the expression is empty' };
  if (text[start] === '=' && text[start + 1] !== '=') {
    return { ...problem, code: 'CEL_SYNTAX', message: 'write == to compare' };
  }
  if (start === text.length) return { ...problem, code: 'CEL_SYNTAX', message: 'the expression ends too early' };
  return { ...problem, code: 'CEL_SYNTAX', message: `cannot be read here: ${lowerFirst(summary ?? 'syntax error')}` };
}

/** The problem of a text whose types do not fit, at the operand that is best mended. */
export function explainType(error: unknown, root: ASTNode): ExpressionProblem {
  const { code, node, summary } = error as LibraryError;
  const at = (node ?? root) as ASTNode;
  const found = code === 'heterogeneous_list_element' ? explainElement(at) : explainNode(at);
  const message = lowerFirst(spokenType(summary ?? 'the types do not fit'));
  return { severity: 'error', code: 'CEL_TYPE', message, ...rangeOf(at), ...found };
}

/**
 * The problem of `duration + timestamp`, if a tree has one: CEL gives it a timestamp, and the library's checker (8.0.0)
 * calls it a duration, so that all that is made of it would be typed wrongly.
 */
export function misplacedTimestamp(node: ASTNode): ExpressionProblem | undefined {
  if (node.op === '+' && typeOf(node.args[0]) === 'duration' && typeOf(node.args[1]) === 'timestamp') {
    const [span, moment] = node.args.map(textOf);
    const message = `write the timestamp first, as ${moment} + ${span}`;
    return { severity: 'error', code: 'CEL_TYPE', message, ...rangeOf(node.args[1]) };
  }
  for (const child of childrenOf(node)) {
    const problem = misplacedTimestamp(child);
    if (problem) return problem;
  }
  return undefined;
}

function explainElement(element: ASTNode): Found {
  return { ...rangeOf(element), message: `a list holds one type, and this one is ${typeOf(element)}` };
}

function explainNode(node: ASTNode): Found | undefined {
  if (node.op === '&&' || node.op === '||')
    return wantBool(
      node.args.find((operand) => typeOf(operand) !== 'bool'),
      node.op,
    );
  if (node.op === '!_') return wantBool(node.args, '!');
  if (node.op === '-_') return { ...rangeOf(node.args), message: `- takes a number, and this is ${typeOf(node.args)}` };
  if (node.op === '?:') return explainTernary(node.args);
  if (node.op === 'in' && node.args[1].op === 'list') return explainMember(node.args[0], node.args[1].args[0]);
  if (isBinary(node)) return explainBinary(node.op, node.args);
  if (node.op === 'call' || node.op === 'rcall') return explainCall(node);
  return typeOf(node) === undefined ? undefined : wantBool(node, '?:');
}

function wantBool(operand: ASTNode | undefined, op: string): Found | undefined {
  const type = operand && typeOf(operand);
  if (!operand || type === undefined || type === 'bool') return undefined;
  const test =
    type === 'int'
      ? `${textOf(operand)} != 0`
      : type === 'double'
        ? `${textOf(operand)} != 0.0`
        : `${textOf(operand)} != null`;
  return { ...rangeOf(operand), message: `${op} takes bool, and this is ${type}; write a test, as ${test}` };
}

function explainTernary([condition, left, right]: readonly [ASTNode, ASTNode, ASTNode]): Found | undefined {
  if (typeOf(condition) !== 'bool') return wantBool(condition, '?:');
  return (
    mendNumbers(left, right) ?? {
      ...rangeOf(right),
      message: `both branches of ?: must have one type, and these are ${typeOf(left)} and ${typeOf(right)}`,
    }
  );
}

function explainMember(item: ASTNode, first: ASTNode | undefined): Found | undefined {
  if (!first) return undefined;
  return (
    mendNumbers(item, first) ?? {
      ...rangeOf(first),
      message: `the list holds ${typeOf(first)}, and it is asked for ${typeOf(item)}`,
    }
  );
}

function explainBinary(op: string, [left, right]: readonly [ASTNode, ASTNode]): Found {
  const [a, b] = [typeOf(left), typeOf(right)];
  const numbers = mendNumbers(left, right);
  if (numbers) return numbers;
  if (op === '+' && (a === 'string') !== (b === 'string')) {
    const other = a === 'string' ? right : left;
    return {
      ...rangeOf(other),
      message: `+ joins strings, and this is ${typeOf(other)}; write string(${textOf(other)})`,
    };
  }
  const moment = [left, right].find((operand) => typeOf(operand) === 'timestamp');
  const span = moment === left ? right : left;
  if (moment && (typeOf(span) === 'int' || typeOf(span) === 'double')) {
    return { ...rangeOf(span), message: `a timestamp moves by a duration; write one, as duration('1h')` };
  }
  if (moment && typeOf(span) === 'string') {
    return { ...rangeOf(span), message: `a timestamp is compared with a timestamp; write timestamp(${textOf(span)})` };
  }
  if (op === '%' && a === 'double') return { ...rangeOf(left), message: '% takes int; write int(…) on both sides' };
  return { ...rangeOf(right), message: `there is no ${a} ${op} ${b}` };
}

function explainCall(node: Extract<ASTNode, { op: 'call' | 'rcall' }>): Found {
  const operands = operandsOf(node);
  const overloads = overloadsOf(node.args[0], node.op === 'rcall');
  const given = operands.map((operand) => typeOf(operand));
  for (const overload of overloads.filter((candidate) => candidate.operands.length === operands.length)) {
    const wrong = operands.filter((_, at) => given[at] !== overload.operands[at]);
    const [first] = wrong;
    const type = first && overload.operands[operands.indexOf(first)];
    if (wrong.length > 0 && wrong.every((operand) => typeOf(operand) === 'int' && type === 'double')) {
      return {
        ...rangeOf(first),
        message: `${node.args[0]}() takes double, and this is int; write ${asDouble(first)}`,
      };
    }
  }
  const takes = overloads.map(({ signature }) => signature).join(', ');
  return { ...rangeOf(node), message: `there is no ${node.args[0]}() of (${given.join(', ')}); there is ${takes}` };
}

/** An int beside a double: a literal is mended where it stands, else the int side is converted. */
function mendNumbers(left: ASTNode, right: ASTNode): Found | undefined {
  const int = [left, right].find((operand) => typeOf(operand) === 'int');
  const double = [left, right].find((operand) => typeOf(operand) === 'double');
  if (!int || !double) return undefined;
  return { ...rangeOf(int), message: `int and double do not mix; write ${asDouble(int)}` };
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
