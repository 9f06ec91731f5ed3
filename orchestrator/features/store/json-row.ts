import { parseJsonObject } from '../../../foundation/json-object.ts';
import { formatTimestamp, parseTimestampMs } from '../../../foundation/timestamp.ts';
import { DECODERS } from '../decode-field.ts';
import type { RowBlock } from '../row-block.ts';
import type { FieldSpec, Row } from '../source.ts';
import { membersLayer } from './json-members.ts';
import { refuseNotFinite, type DecodeRow, type TextEncoding } from './row-encoding.ts';

/** When the row was true: RFC 3339 with a zone, beside the fields. */
export const TIMESTAMP_FIELD = '_ts';

/** Rows as JSON objects: any tool can write them, a person can read them. */
export const jsonRows: TextEncoding = { form: 'text', decoder: rowDecoder, encoder: () => encodeRow };

/** ECMAScript's JSON.parse source text access, which TypeScript's library of this year does not know yet. */
const NEGATIVE_ZERO: unknown = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON('-0');

/**
 * The decoder of rows such as `{"year":2004,"_ts":"2013-01-05T10:00:00Z"}`. Types are strict: a string is never read as
 * a number. A null or absent field is NULL_VALUE; a value of another type ERROR, for its own cell; text that is not a
 * JSON object, or a `_ts` that is not a timestamp, ERROR for the row.
 */
export function rowDecoder(fields: readonly FieldSpec[]): DecodeRow<string> {
  const decoders = fields.map(({ type }) => DECODERS[type]);
  const layMembers = membersLayer(fields);
  const timestampOf = rowTimestamps();

  function lay(value: unknown, field: number, block: RowBlock, row: number): void {
    if (value === undefined || value === null) return block.nullValue(field, row);
    const decoded = decoders[field](value);
    if (decoded === undefined) block.wrongType(field, row);
    else block.columns.values[field][row] = decoded;
  }

  return (text, block, row) => {
    const object = parseJsonObject(text);
    if (object === undefined) return block.undecodable(row);
    const ts = object[TIMESTAMP_FIELD];
    if (ts !== undefined && ts !== null) {
      const ms = timestampOf(ts);
      if (ms !== ms) return block.undecodable(row);
      block.columns.timestampMs[row] = ms;
    }
    layMembers(object, block, row, lay);
  };
}

/** Epoch ms of a row's `_ts`, NaN where it is none. Rows of one run nearly always share it: the last is kept. */
function rowTimestamps(): (ts: unknown) => number {
  let last: unknown;
  let lastMs = Number.NaN;
  return (ts) => {
    if (ts !== last) {
      last = ts;
      lastMs = typeof ts === 'string' ? parseTimestampMs(ts) : Number.NaN;
    }
    return lastMs;
  };
}

/** The text of a row. Values are as JSON has them: timestamps RFC 3339 text, int64 beyond 2^53 decimal text. */
export function encodeRow(row: Row): string {
  let hasNegativeZero = false;
  for (const name in row.values) {
    const value = row.values[name];
    refuseNotFinite(name, value);
    hasNegativeZero ||= Object.is(value, -0);
  }
  const values: Record<string, unknown> = hasNegativeZero ? withNegativeZeros(row.values) : row.values;
  return row.timestampMs === undefined
    ? JSON.stringify(values)
    : JSON.stringify({ ...values, [TIMESTAMP_FIELD]: formatTimestamp(row.timestampMs) });
}

/** JSON has -0, and `JSON.stringify` writes 0 for it: a double read back would be another one. */
function withNegativeZeros(values: Row['values']): Record<string, unknown> {
  const entries = Object.entries(values).map(([name, value]) => [name, Object.is(value, -0) ? NEGATIVE_ZERO : value]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
