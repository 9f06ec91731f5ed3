import { isNull } from './cel-type.ts';
import type { Value } from './cel-type.ts';
import type { Evaluate } from './expression.ts';
import type { NumberOf, Operand, TextOf } from './operand.ts';

type Order = '<' | '<=' | '>' | '>=';

/** `whenPresent` where the value is not null, else the opposite. */
export function isPresent(operand: Evaluate, whenPresent: 0 | 1): NumberOf {
  const whenNull = 1 - whenPresent;
  return (columns, row) => (isNull(operand(columns, row)) ? whenNull : whenPresent);
}

/** `==` and `!=` of values that may be null: then the answer is null. */
export function equal(left: Operand, right: Operand, wantsEqual: boolean, isText: boolean): NumberOf {
  const same = wantsEqual ? 1 : 0;
  const other = 1 - same;
  if (isText) {
    const a = left.evaluate as TextOf;
    const b = right.evaluate as TextOf;
    return (columns, row) => {
      const x = a(columns, row);
      const y = b(columns, row);
      if (x === null || y === null) return Number.NaN;
      return x === y ? same : other;
    };
  }
  const a = left.evaluate as NumberOf;
  const b = right.evaluate as NumberOf;
  return (columns, row) => {
    const x = a(columns, row);
    const y = b(columns, row);
    if (x === y) return same;
    return x !== x || y !== y ? Number.NaN : other;
  };
}

/** `<`, `<=`, `>`, `>=`; strings by UTF-16 code units, as the library compares them. */
export function compare(op: Order, left: Operand, right: Operand, isText: boolean): NumberOf {
  if (isText) {
    const a = left.evaluate as TextOf;
    const b = right.evaluate as TextOf;
    return (columns, row) => {
      const x = a(columns, row);
      const y = b(columns, row);
      if (x === null || y === null) return Number.NaN;
      return holds(op, x < y ? -1 : x > y ? 1 : 0) ? 1 : 0;
    };
  }
  // a > b is b < a: two closures are all there are to compile.
  const isSwapped = op === '>' || op === '>=';
  const a = (isSwapped ? right : left).evaluate as NumberOf;
  const b = (isSwapped ? left : right).evaluate as NumberOf;
  if (op === '<' || op === '>') {
    return (columns, row) => {
      const x = a(columns, row);
      const y = b(columns, row);
      return x < y ? 1 : x >= y ? 0 : Number.NaN;
    };
  }
  return (columns, row) => {
    const x = a(columns, row);
    const y = b(columns, row);
    return x <= y ? 1 : x > y ? 0 : Number.NaN;
  };
}

const holds = (op: Order, order: number): boolean =>
  op === '<' ? order < 0 : op === '<=' ? order <= 0 : op === '>' ? order > 0 : order >= 0;

/** `item in [elements]`, as `item == a || item == b || …` would be: null only where no element is equal and one is null. */
export function member(item: Evaluate, elements: readonly Operand[]): NumberOf {
  const literals = elements.map(({ literal }) => literal);
  const known = new Set<Value>(literals.filter((literal) => literal !== undefined && !isNull(literal)) as Value[]);
  const others = elements
    .filter(({ literal }) => literal === undefined || isNull(literal))
    .map(({ evaluate }) => evaluate);
  return (columns, row) => {
    const value = item(columns, row);
    if (isNull(value)) return Number.NaN;
    if (known.has(value)) return 1;
    let answer = 0;
    for (const other of others) {
      const candidate = other(columns, row);
      if (candidate === value) return 1;
      if (isNull(candidate)) answer = Number.NaN;
    }
    return answer;
  };
}
