import type { Evaluate } from './expression.ts';
import type { NumberOf, TextOf } from './operand.ts';
import { exactInt, finite, inCalendar } from './scalar-functions.ts';

type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

/** 0 - x, so that the int 0 stays 0; a double 0.0 keeps no sign either. */
export const negate =
  (operand: NumberOf): NumberOf =>
  (columns, row) =>
    0 - operand(columns, row);

/** `left op right` of operands whose sum has the type `type`. NaN, which is null, goes through every operation. */
export function arithmetic(
  op: ArithmeticOperator,
  type: string | undefined,
  left: Evaluate,
  right: Evaluate,
): Evaluate {
  if (type === 'string') return concatenate(left as TextOf, right as TextOf);
  const a = left as NumberOf;
  const b = right as NumberOf;
  if (type === 'double' && op !== '%') return doubles(op, a, b);
  if (type === 'int') return ints(op, a, b);
  const settle = type === 'timestamp' ? inCalendar : exactInt;
  return op === '+'
    ? (columns, row) => settle(a(columns, row) + b(columns, row))
    : (columns, row) => settle(a(columns, row) - b(columns, row));
}

const concatenate =
  (left: TextOf, right: TextOf): TextOf =>
  (columns, row) => {
    const a = left(columns, row);
    const b = right(columns, row);
    return a === null || b === null ? null : a + b;
  };

function doubles(op: Exclude<ArithmeticOperator, '%'>, a: NumberOf, b: NumberOf): NumberOf {
  switch (op) {
    case '+':
      return (columns, row) => finite(a(columns, row) + b(columns, row));
    case '-':
      return (columns, row) => finite(a(columns, row) - b(columns, row));
    case '*':
      return (columns, row) => finite(a(columns, row) * b(columns, row));
    case '/':
      return (columns, row) => finite(a(columns, row) / b(columns, row));
  }
}

/** Division cuts towards zero and the remainder has the sign of the dividend; by zero both are null. */
function ints(op: ArithmeticOperator, a: NumberOf, b: NumberOf): NumberOf {
  switch (op) {
    case '+':
      return (columns, row) => exactInt(a(columns, row) + b(columns, row));
    case '-':
      return (columns, row) => exactInt(a(columns, row) - b(columns, row));
    case '*':
      return (columns, row) => exactInt(a(columns, row) * b(columns, row));
    case '/':
      return (columns, row) => exactInt(Math.trunc(a(columns, row) / b(columns, row)));
    case '%':
      return (columns, row) => exactInt(a(columns, row) % b(columns, row));
  }
}
