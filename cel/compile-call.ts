import type { ASTNode } from '@marcbachmann/cel-js';
import { isNull, typeOf } from './cel-type.ts';
import type { Value } from './cel-type.ts';
import { findOverload } from './functions.ts';
import type { Implementation } from './functions.ts';
import type { Evaluate } from './expression.ts';
import { operandsOf } from './node.ts';
import { combine } from './operand.ts';
import type { NumberOf, Operand, TextOf } from './operand.ts';
import { finite } from './scalar-functions.ts';
import type { Zone } from './zone.ts';

/** A call of the table of functions; a null operand gives null without running it. */
export function compileCall(
  node: Extract<ASTNode, { op: 'call' | 'rcall' }>,
  operands: readonly Operand[],
  zone: Zone,
): Operand {
  const overload = findOverload(node.args[0], node.op === 'rcall', operandsOf(node).map(typeOf));
  if (!overload) throw new Error(`a checked expression has no ${node.args[0]}() of these types`);
  if (overload.isIdentity) return operands[0];
  const implementation = overload.open(
    zone,
    operands.map(({ literal }) => literal),
  );
  const evaluates = operands.map(({ evaluate }) => evaluate);
  return combine(
    operands,
    overload.result === 'string' ? liftText(implementation, evaluates[0]) : liftNumber(implementation, operands),
  );
}

/** Only conversions give strings, and they have one operand. */
function liftText(implementation: Implementation, operand: Evaluate): TextOf {
  const run = implementation as (a: Value) => string | null;
  return (columns, row) => {
    const a = operand(columns, row);
    return isNull(a) ? null : run(a);
  };
}

function liftNumber(implementation: Implementation, operands: readonly Operand[]): NumberOf {
  const run = implementation as (a: Value, b?: Value, c?: Value, d?: Value) => number;
  const [first, second, third, fourth] = operands.map(({ evaluate }) => evaluate);
  const argument = operands.length === 2 ? operands[1].literal : undefined;
  if (operands.length === 1) return liftUnary(run, operands[0]);
  if (argument !== undefined && !isNull(argument)) return liftUnary((a) => run(a, argument), operands[0]);
  if (operands.length === 2) {
    return (columns, row) => {
      const a = first(columns, row);
      const b = second(columns, row);
      return isNull(a) || isNull(b) ? Number.NaN : finite(run(a, b));
    };
  }
  if (operands.length !== 4) throw new Error(`no function of the table has ${operands.length} operands`);
  return (columns, row) => {
    const a = first(columns, row);
    const b = second(columns, row);
    const c = third(columns, row);
    const d = fourth(columns, row);
    return isNull(a) || isNull(b) || isNull(c) || isNull(d) ? Number.NaN : finite(run(a, b, c, d));
  };
}

function liftUnary(run: (a: Value) => number, operand: Operand): NumberOf {
  const { evaluate } = operand;
  if (operand.perInstance) {
    return (columns, row) => {
      const a = evaluate(columns, row);
      return isNull(a) ? Number.NaN : finite(run(a));
    };
  }
  // One value a request meets every row of it: the last answer is kept beside its operand, which decides alone.
  let operandOfLast: Value = Number.NaN;
  let last = Number.NaN;
  return (columns, row) => {
    const a = evaluate(columns, row);
    if (a === operandOfLast) return last;
    operandOfLast = a;
    last = isNull(a) ? Number.NaN : finite(run(a));
    return last;
  };
}
