import type { ASTNode } from '@marcbachmann/cel-js';
import { typeOf } from './cel-type.ts';
import type { ExpressionProblem } from './expression.ts';
import { findOverload, overloadsOf } from './functions.ts';
import { asDouble, childrenOf, isBinary, operandsOf, rangeOf, textOf } from './node.ts';
import type { CelRule } from './rules.ts';

/** What a walk over a typed tree finds: malformed literals, calls that read a zone nobody gave, ints divided for a double. */
export function checkMeaning(root: ASTNode, timezone: string | undefined): ExpressionProblem[] {
  const problems: ExpressionProblem[] = [];
  const report = (severity: 'error' | 'warning', node: ASTNode, code: CelRule, message: string): void => {
    problems.push({ severity, code, message, ...rangeOf(node) });
  };

  function visit(node: ASTNode, becomesDouble: boolean): void {
    if (node.op === 'call' && node.args[0] === 'has') return;
    if (node.op === 'call' || node.op === 'rcall') visitCall(node);
    if (becomesDouble && node.op === '/' && typeOf(node) === 'int') {
      const [left, right] = node.args.map(asDouble);
      report(
        'warning',
        node,
        'CEL_INT_DIVISION',
        `int / int is cut to a whole number before it becomes a double; write ${left} / ${right}`,
      );
    }
    const isDouble = node.op === 'call' && node.args[0] === 'double';
    const passesOn = becomesDouble && (isBinary(node) || node.op === '-_' || node.op === '?:');
    for (const child of childrenOf(node)) visit(child, isDouble || passesOn);
  }

  function visitCall(node: Extract<ASTNode, { op: 'call' | 'rcall' }>): void {
    const operands = operandsOf(node);
    const isMethod = node.op === 'rcall';
    const overload = findOverload(node.args[0], isMethod, operands.map(typeOf));
    if (!overload) {
      const takes = overloadsOf(node.args[0], isMethod).map(({ signature }) => signature);
      return report('error', node, 'CEL_TYPE', `this is not supported in Tandem; there is ${takes.join(', ')}`);
    }
    const operand = overload.literal && operands[overload.literal.operand];
    const text = operand?.op === 'value' && typeof operand.args === 'string' ? operand.args : undefined;
    if (overload.literal && operand) {
      if (text === undefined) {
        if (overload.literal.required)
          report('error', operand, 'CEL_LITERAL', `${overload.name}() takes a text that is written out here`);
      } else {
        const problem = overload.literal.problem(text);
        if (problem !== undefined) report('error', operand, 'CEL_LITERAL', problem);
      }
    }
    if (timezone === undefined && overload.readsZone?.(text) === true) {
      const mend = isMethod ? `${textOf(node).slice(0, -1)}'America/New_York')` : undefined;
      report(
        'warning',
        node,
        'CEL_NO_TIMEZONE',
        `this is read in UTC; set timezone${mend ? `, or write ${mend}` : ''}`,
      );
    }
  }

  visit(root, false);
  return problems;
}
