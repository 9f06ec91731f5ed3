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
  const lifted =
    overload.result === 'string' ? liftText(implementation, evaluates[0]) : liftNumber(implementation, evaluates);
  return combine(operands, lifted);
}

/** Only conversions give strings, and they have one operand. */
function liftText(implementation: Implementation, operand: Evaluate): TextOf {
  const run = implementation as (a: Value) => string;
  return (columns, row) => {
    const a = operand(columns, row);
    return isNull(a) ? null : run(a);
  };
}

function liftNumber(implementation: Implementation, operands: readonly Evaluate[]): NumberOf {
  const run = implementation as (a: Value, b?: Value, c?: Value, d?: Value) => number;
  const [first, second, third, fourth] = operands as [Evaluate, Evaluate, Evaluate, Evaluate];
  switch (operands.length) {
    case 1:
      return (columns, row) => {
        const a = first(columns, row);
        return isNull(a) ? Number.NaN : finite(run(a));
      };
    case 2:
      return (columns, row) => {
        const a = first(columns, row);
        const b = second(columns, row);
        return isNull(a) || isNull(b) ? Number.NaN : finite(run(a, b));
      };
    case 4:
      return (columns, row) => {
        const a = first(columns, row);
        const b = second(columns, row);
        const c = third(columns, row);
        const d = fourth(columns, row);
        return isNull(a) || isNull(b) || isNull(c) || isNull(d) ? Number.NaN : finite(run(a, b, c, d));
      };
    default:
      throw new Error(`no function of the table has ${operands.length} operands`);
  }
}
