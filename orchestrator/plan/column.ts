import type { ScalarType, Values } from '../../cel/types.ts';
import { newNumbers } from '../../foundation/slab.ts';
export type { Values } from '../../cel/types.ts';

/** What became of one value. The order is the code that the state byte carries. */
export const STATUSES = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE', 'TIMEOUT', 'ERROR'] as const;
export type StatusName = (typeof STATUSES)[number];
export const Status = { PRESENT: 0, NULL_VALUE: 1, NOT_FOUND: 2, OUTSIDE_MAX_AGE: 3, TIMEOUT: 4, ERROR: 5 } as const;

/** Where the value that was used came from. The order is the code that the state byte carries. */
export const SOURCES = ['none', 'store', 'service', 'cache', 'stale', 'default', 'request', 'compute'] as const;
export type SourceName = (typeof SOURCES)[number];
export const Source = {
  none: 0,
  store: 1,
  service: 2,
  cache: 3,
  stale: 4,
  default: 5,
  request: 6,
  compute: 7,
} as const;

/**
 * Status and source of one value in one byte (`status | source << 3`), so that a column carries one array for both and
 * the fields of a row that share their fate share the array.
 */
export type State = number;
export const stateOf = (status: number, source: number): State => status | (source << 3);
export const statusOf = (state: State): number => state & 7;
export const sourceOf = (state: State): number => state >> 3;

/** One column as an answer shows it. `timestampMs` is when each row was true (epoch ms), NaN where that is not known. */
export interface Column {
  name: string;
  type: ScalarType;
  values: Values;
  status: Uint8Array;
  source: Uint8Array;
  timestampMs?: Float64Array;
}

/**
 * A block of decoded rows of one view, one row a key, as a FeatureSource gives it.
 * `states[f]` may be the same array as another field's until they differ: copy before writing.
 */
export interface Columns {
  rows: number;
  values: Values[];
  states: Uint8Array[];
  timestampMs: Float64Array;
  /** For how long each row stays fresh by the word of its service (`Cache-Control`), in ms; absent or NaN: not said. */
  freshMs?: Float64Array;
}

export const isNumeric = (type: ScalarType): boolean => type !== 'string';

/** A column of nulls. */
export function nullValues(type: ScalarType, rows: number): Values {
  return isNumeric(type) ? newNumbers(rows).fill(Number.NaN) : newTexts(rows).fill(null);
}

export function newValues(type: ScalarType, rows: number): Values {
  return isNumeric(type) ? newNumbers(rows) : newTexts(rows).fill(null);
}

/** Places for texts, to be filled: `Array.from({ length })` would take 40 ns a place. */
export const newTexts = (length: number): (string | null)[] => new Array<string | null>(length);
