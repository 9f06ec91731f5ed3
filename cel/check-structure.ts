import type { ASTNode } from '@marcbachmann/cel-js';
import { didYouMean } from '../foundation/nearest.ts';
import type { ExpressionProblem, Scope } from './expression.ts';
import { FUNCTIONS, overloadsOf } from './functions.ts';
import { isCelWord, spelledName, splitName } from './names.ts';
import { childrenOf, isNullLiteral, rangeOf } from './node.ts';
import type { CelRule } from './rules.ts';

const MAX_DEPTH = 100;
/** What CEL has and Tandem has not: macros over lists, values without a column type. */
const ELSEWHERE = new Set(['all', 'exists', 'exists_one', 'filter', 'map', 'bind', 'dyn', 'type', 'bytes', 'uint']);

/** What a walk over an untyped tree found: mistakes that need no types, and the names that the text reads. */
export interface Structure {
  reads: Set<string>;
  problems: ExpressionProblem[];
}

/** Names, functions and constructs of a tree: everything that can be said before types, all of it at once. */
export function checkStructure(root: ASTNode, scope: Scope): Structure {
  const reads = new Set<string>();
  const problems: ExpressionProblem[] = [];
  const report = (node: ASTNode, code: CelRule, message: string): void => {
    problems.push({ severity: 'error', code, message, ...rangeOf(node) });
  };

  function visit(node: ASTNode, depth: number): void {
    if (depth > MAX_DEPTH) return report(node, 'CEL_LIMIT', `the expression nests deeper than ${MAX_DEPTH}`);
    const name = spelledName(node);
    if (name !== undefined) return visitName(node, name);
    switch (node.op) {
      case 'value':
        return visitLiteral(node);
      case 'call':
        if (node.args[0] === 'has') return visitHas(node, node.args[1]);
        visitFunction(node, node.args[0], false);
        break;
      case 'rcall':
        if (!visitFunction(node, node.args[0], true)) return;
        break;
      case 'list':
        return report(node, 'CEL_UNSUPPORTED', 'a list can only stand to the right of `in`');
      case 'in':
        visit(node.args[0], depth + 1);
        if (node.args[1].op !== 'list') {
          return report(node.args[1], 'CEL_UNSUPPORTED', "`in` takes a list that is written out, as ['EWR', 'JFK']");
        }
        for (const element of node.args[1].args) visit(element, depth + 1);
        return;
      case '==':
      case '!=':
        for (const operand of node.args) if (!isNullLiteral(operand)) visit(operand, depth + 1);
        return;
      case '?:':
        visit(node.args[0], depth + 1);
        for (const branch of node.args.slice(1)) {
          if (isNullLiteral(branch))
            report(
              branch,
              'CEL_NULL_BRANCH',
              "a branch of ?: may not be null; write a value of the other branch's type",
            );
          else visit(branch, depth + 1);
        }
        return;
      case 'map':
        return report(node, 'CEL_UNSUPPORTED', 'maps are not supported in Tandem');
      case '.':
      case '.?':
      case '[]':
      case '[?]':
        return report(node, 'CEL_UNSUPPORTED', 'only names have fields in Tandem; write view.field');
      case 'id':
      case '!_':
      case '-_':
      case '&&':
      case '||':
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '<':
      case '<=':
      case '>':
      case '>=':
        break;
    }
    for (const child of childrenOf(node)) visit(child, depth + 1);
  }

  function visitName(node: ASTNode, name: string): void {
    const [group, field] = splitName(name);
    const isClear = field === undefined || !scope.has(group);
    if (scope.has(name) && isClear && !isCelWord(group)) {
      reads.add(name);
      return;
    }
    report(node, 'CEL_UNKNOWN_NAME', unknownName(name, scope));
  }

  function visitLiteral(node: Extract<ASTNode, { op: 'value' }>): void {
    const literal = node.args;
    if (literal === null) report(node, 'CEL_NULL', 'null can only be compared: write `x == null` or `x != null`');
    else if (typeof literal === 'object')
      report(node, 'CEL_UNSUPPORTED', 'bytes and unsigned numbers are not supported in Tandem');
    else if (typeof literal === 'bigint' && literal > BigInt(Number.MAX_SAFE_INTEGER)) {
      report(node, 'CEL_INT_RANGE', 'an int beyond 2^53 is not exact; write a double');
    }
  }

  function visitHas(node: ASTNode, operands: readonly ASTNode[]): void {
    const [operand] = operands;
    const name = operand && spelledName(operand);
    if (operands.length !== 1 || operand?.op !== '.' || name === undefined) {
      const bare = name !== undefined && scope.has(name) ? `; write ${name} != null` : '';
      return report(operand ?? node, 'CEL_TYPE', `has() takes one view.field${bare}`);
    }
    visitName(operand, name);
  }

  /** Whether the operands are worth a look: not those of a macro, which declare names of their own. */
  function visitFunction(node: ASTNode, name: string, isMethod: boolean): boolean {
    if (overloadsOf(name, isMethod).length > 0) return true;
    if (ELSEWHERE.has(name)) {
      report(node, 'CEL_UNSUPPORTED', `${name}() is not supported in Tandem`);
      return false;
    }
    const other = overloadsOf(name, !isMethod)[0];
    const names = new Set(FUNCTIONS.filter((entry) => entry.isMethod === isMethod).map((entry) => entry.name));
    const mend = other ? `; write it as ${other.signature}` : didYouMean(name, names);
    report(node, 'CEL_UNKNOWN_FUNCTION', `there is no function ${name}()${mend}`);
    return true;
  }

  visit(root, 0);
  return { reads, problems };
}

function unknownName(name: string, scope: Scope): string {
  const [root, field] = splitName(name);
  if (isCelWord(root)) return `${root} is a word of CEL and no name here`;
  const parent = name.slice(0, name.lastIndexOf('.'));
  if (scope.has(parent)) return `${parent} is ${scope.get(parent)} and has no fields`;
  const fields = [...scope.keys()].filter((known) => splitName(known)[0] === root && known !== root);
  if (field === undefined && fields.length > 0) return `${root} has fields; name one, as ${fields[0]}`;
  return `there is no ${name}${didYouMean(name, scope.keys())}`;
}
