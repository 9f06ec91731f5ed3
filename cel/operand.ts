import type { Values } from './types.ts';
import type { Value } from './cel-type.ts';
import type { Evaluate, Slot } from './expression.ts';
import type { Zone } from './zone.ts';

/** A closure whose type is a number's (bool, int, double, timestamp, duration): NaN is null. */
export type NumberOf = (columns: readonly Values[], row: number) => number;
/** A closure whose type is string. */
export type TextOf = (columns: readonly Values[], row: number) => string | null;

/** A compiled node. A constant one gives the same for every row, and `literal` is what. */
export interface Operand {
  evaluate: Evaluate;
  literal: Value | undefined;
  perInstance: boolean;
}

/** What compiling needs besides the tree. */
export interface Surroundings {
  slotOf(name: string): Slot;
  zone: Zone;
}

export const constant = (literal: Value): Operand => ({
  evaluate: () => literal,
  literal,
  perInstance: false,
});

/** An operand made of others: run once, now, when all of them are constant. */
export function combine(parts: readonly Operand[], evaluate: Evaluate): Operand {
  if (parts.every(({ literal }) => literal !== undefined)) return constant(evaluate([], 0));
  return { evaluate, literal: undefined, perInstance: parts.some(({ perInstance }) => perInstance) };
}

/** A column, or its only row where the value is one a request. */
export function readColumn({ slot, perInstance }: Slot, isText: boolean): Operand {
  if (isText) {
    const evaluate: TextOf = perInstance
      ? (columns, row) => (columns[slot] as (string | null)[])[row]!
      : (columns) => (columns[slot] as (string | null)[])[0]!;
    return { evaluate, literal: undefined, perInstance };
  }
  const evaluate: NumberOf = perInstance
    ? (columns, row) => (columns[slot] as Float64Array)[row]
    : (columns) => (columns[slot] as Float64Array)[0];
  return { evaluate, literal: undefined, perInstance };
}
