import type { Evaluate } from './expression.ts';
import type { NumberOf } from './operand.ts';

/** Three-valued: false && null is false, true && null is null. */
export const and =
  (left: NumberOf, right: NumberOf): NumberOf =>
  (columns, row) => {
    const a = left(columns, row);
    if (a === 0) return 0;
    const b = right(columns, row);
    return b === 0 ? 0 : a * b;
  };

/** Three-valued: true || null is true, false || null is null. */
export const or =
  (left: NumberOf, right: NumberOf): NumberOf =>
  (columns, row) => {
    const a = left(columns, row);
    if (a === 1) return 1;
    const b = right(columns, row);
    return b === 1 ? 1 : a + b;
  };

export const not =
  (operand: NumberOf): NumberOf =>
  (columns, row) =>
    1 - operand(columns, row);

/** `condition ? left : right`; null where the condition is null. Only the branch that is taken runs. */
export function choose(condition: NumberOf, left: Evaluate, right: Evaluate, isText: boolean): Evaluate {
  const none = isText ? null : Number.NaN;
  return (columns, row) => {
    const truth = condition(columns, row);
    return truth === 1 ? left(columns, row) : truth === 0 ? right(columns, row) : none;
  };
}
