import type { ScalarType } from '../../../cel/types.ts';
import { formatTimestamp, parseTimestampMs } from '../../../foundation/timestamp.ts';
import { DECODERS } from '../decode-field.ts';
import type { RowBlock } from '../row-block.ts';
import type { FieldSpec, Row } from '../source.ts';
import { TIMESTAMP_FIELD } from './json-row.ts';
import { refuseNotFinite } from './row-encoding.ts';

/** What a hash has for the names asked for, null where it has none. */
export type HashValues = readonly (Buffer | null)[];

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A field's text as its column holds it; undefined where it does not spell the type. A hash knows texts only, so the
 * type is the reader's: `5` is a number to a double and a text to a string.
 */
const FROM_TEXT: Record<ScalarType, (text: string) => number | string | undefined> = {
  bool: (text) => (text === 'true' ? 1 : text === 'false' ? 0 : undefined),
  int64: (text) => DECODERS.int64(text),
  double: (text) => (DECIMAL.test(text) ? DECODERS.double(Number(text)) : undefined),
  string: (text) => text,
  timestamp: (text) => DECODERS.timestamp(text),
};

/** The names to ask a hash for: the fields, then the time of the row. */
export function hashNames(fields: readonly FieldSpec[]): string[] {
  return [...fields.map(({ name }) => name), TIMESTAMP_FIELD];
}

/**
 * The decoder of what a hash has for `hashNames(fields)`. A hash that has none of these, not even `_ts`, cannot be told
 * from an absent one and is NOT_FOUND: to ask would be a second command for every unknown key. That is why rows carry
 * `_ts` also where their time is not known, then empty.
 */
export function hashDecoder(fields: readonly FieldSpec[]): (values: HashValues, block: RowBlock, row: number) => void {
  const decoders = fields.map(({ type }) => FROM_TEXT[type]);
  return (values, block, row) => {
    if (values.every((value) => value === null)) return block.missing(row);
    const time = values[decoders.length];
    if (time !== null && time.length > 0) {
      const ms = parseTimestampMs(time.toString());
      if (ms !== ms) return block.undecodable(row);
      block.columns.timestampMs[row] = ms;
    }
    for (let at = 0; at < decoders.length; at++) {
      const value = values[at];
      if (value === null) {
        block.nullValue(at, row);
        continue;
      }
      const decoded = decoders[at](value.toString());
      if (decoded === undefined) block.wrongType(at, row);
      else block.columns.values[at][row] = decoded;
    }
  };
}

/** Names and texts of a row, one after the other. A null is a field that is left out. */
export function encodeHash(row: Row): string[] {
  const list: string[] = [];
  for (const name in row.values) {
    const value = row.values[name];
    if (value === null || (name === TIMESTAMP_FIELD && row.timestampMs !== undefined)) continue;
    refuseNotFinite(name, value);
    list.push(name, Object.is(value, -0) ? '-0' : String(value)); // String gives 0
  }
  if (row.timestampMs !== undefined) list.push(TIMESTAMP_FIELD, formatTimestamp(row.timestampMs));
  else if (typeof row.values[TIMESTAMP_FIELD] !== 'string') list.push(TIMESTAMP_FIELD, '');
  return list;
}
