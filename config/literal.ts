import type { ScalarType } from '../cel/types.ts';
import { parseTimestampMs } from '../foundation/timestamp.ts';

export type Literal = string | number | boolean;

/** Why a literal is no value of the type, as the end of a sentence; undefined where it is one. */
export function literalProblem(value: Literal, type: ScalarType): string | undefined {
  switch (type) {
    case 'bool':
      return typeof value === 'boolean' ? undefined : 'is not true or false';
    case 'int64':
      return Number.isSafeInteger(value) ? undefined : 'is not a whole number within ±2^53';
    case 'double':
      return typeof value === 'number' ? undefined : 'is not a number';
    case 'string':
      return typeof value === 'string' ? undefined : 'is not a string: write it in quotes';
    case 'timestamp':
      return typeof value === 'string' && !Number.isNaN(parseTimestampMs(value))
        ? undefined
        : 'is not a timestamp with its zone: "2013-05-05T13:00:00Z"';
  }
}
