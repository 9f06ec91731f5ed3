import type { ScalarType } from '../../cel/types.ts';
import { newBytes, newNumbers } from '../../foundation/slab.ts';
import { parseTimestampMs } from '../../foundation/timestamp.ts';
import { isNumeric, newTexts, Source, stateOf, Status } from '../plan/column.ts';
import { STATE_REQUEST_NULL, STATE_REQUEST_PRESENT } from '../plan/frame.ts';

/** Where decoded values of one field go. */
export interface InputColumn {
  numbers: Float64Array;
  strings: (string | null)[];
  states: Uint8Array;
  /** Exact decimal text of an int64 that a key needs. */
  texts: (string | null)[] | undefined;
}

/** Writes one JSON value at `row`; gives the problem where it does not fit its type. */
type DecodeValue = (value: unknown, row: number, column: InputColumn) => string | undefined;

/** int64 beyond 2^53 serves in keys by its text; as a number it would be another one. */
export const STATE_UNSAFE = stateOf(Status.ERROR, Source.request);
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** How the values of one field of a call are read, whichever form they come in. */
export interface FieldDecoder {
  field: string;
  type: ScalarType;
  /** Null and absent are null; else they are a problem. */
  nullable: boolean;
  decode: DecodeValue;
}

export function fieldDecoder(field: string, type: ScalarType, nullable: boolean): FieldDecoder {
  const decodeGiven = DECODERS[type];
  return {
    field,
    type,
    nullable,
    decode(value, row, column) {
      if (value !== undefined && value !== null) return decodeGiven(value, row, column);
      clearValue(type, row, column);
      return nullable ? undefined : `is required (${type})`;
    },
  };
}

const NO_NUMBERS = new Float64Array(0);
const NO_STRINGS: (string | null)[] = [];

export function newInputColumn(type: ScalarType, rows: number, hasTexts: boolean): InputColumn {
  const numeric = isNumeric(type);
  return {
    numbers: numeric ? newNumbers(rows) : NO_NUMBERS,
    strings: numeric ? NO_STRINGS : newTexts(rows),
    states: newBytes(rows),
    texts: hasTexts ? newTexts(rows) : undefined,
  };
}

/** Null: what a row holds that was left out, or could not be decoded. */
export function clearValue(type: ScalarType, row: number, column: InputColumn): void {
  if (type === 'string') column.strings[row] = null;
  else column.numbers[row] = Number.NaN;
  column.states[row] = STATE_REQUEST_NULL;
  if (column.texts) column.texts[row] = null;
}

const DECODERS: Record<ScalarType, DecodeValue> = {
  bool(value, row, column) {
    if (typeof value !== 'boolean') return mustBe('true or false', value);
    column.numbers[row] = value ? 1 : 0;
    column.states[row] = STATE_REQUEST_PRESENT;
    return undefined;
  },
  double(value, row, column) {
    if (typeof value !== 'number') return mustBe('a number', value);
    if (!Number.isFinite(value)) return 'must be a finite number';
    column.numbers[row] = value;
    column.states[row] = STATE_REQUEST_PRESENT;
    return undefined;
  },
  int64(value, row, column) {
    if (typeof value === 'number') {
      if (!Number.isInteger(value)) return mustBe('a whole number', value);
      if (!Number.isSafeInteger(value)) return 'is beyond 2^53, where JSON numbers round: send it as a decimal string';
      column.numbers[row] = value;
      column.states[row] = STATE_REQUEST_PRESENT;
      if (column.texts) column.texts[row] = String(value);
      return undefined;
    }
    if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) return mustBe('a whole number', value);
    return decodeDecimal(BigInt(value), row, column);
  },
  string(value, row, column) {
    if (typeof value !== 'string') return mustBe('a string', value);
    column.strings[row] = value;
    column.states[row] = STATE_REQUEST_PRESENT;
    return undefined;
  },
  timestamp(value, row, column) {
    const ms = typeof value === 'string' ? parseTimestampMs(value) : Number.NaN;
    if (ms !== ms) return mustBe('a timestamp with a zone (2013-05-05T13:00:00Z)', value);
    column.numbers[row] = ms;
    column.states[row] = STATE_REQUEST_PRESENT;
    return undefined;
  },
};

function decodeDecimal(exact: bigint, row: number, column: InputColumn): string | undefined {
  if (exact < INT64_MIN || exact > INT64_MAX) return 'does not fit an int64';
  const number = Number(exact);
  const isSafe = Number.isSafeInteger(number);
  column.numbers[row] = isSafe ? number : Number.NaN;
  column.states[row] = isSafe ? STATE_REQUEST_PRESENT : STATE_UNSAFE;
  if (column.texts) column.texts[row] = exact.toString();
  return undefined;
}

function mustBe(what: string, value: unknown): string {
  const shown = typeof value === 'string' ? `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"` : kindOf(value);
  return `must be ${what}, is ${shown}`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value !== null && typeof value === 'object') return 'an object';
  return String(value);
}
