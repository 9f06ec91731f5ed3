import type { ScalarType } from '../../../cel/types.ts';
import { AppError } from '../../../foundation/errors.ts';
import { parseTimestampMs } from '../../../foundation/timestamp.ts';
import type { FieldSpec, Row } from '../source.ts';
import { TIMESTAMP_FIELD } from './json-row.ts';
import { distinctIds, fingerprintOf } from './packed-fingerprint.ts';
import {
  COUNT_AT,
  FIELDS_AT,
  FINGERPRINT_AT,
  LENGTH_AT,
  MAX_FIELDS,
  MAX_TIMESTAMP_MS,
  nullsAt,
  PACKED_VERSION,
  slotsAt,
  tailAt,
  TIMESTAMP_AT,
  TYPE_CODES,
} from './packed-layout.ts';
import { refuseNotFinite, unwritableField } from './row-encoding.ts';

const NO_TIMESTAMP = -(2n ** 63n);
const INT64_TEXT = /^-?\d{1,19}$/;

/** A value as its slot holds it: a double, a whole number, the text of the tail; null where the null bit says all. */
interface Cell {
  type: ScalarType;
  slot: number | bigint | string | null;
}

/**
 * The encoder of rows of these fields, in their order; one that a row lacks is null. A value that is not of its field's
 * type, or whose field is not among them, is kept as what it is (bool, double or string), those of no field after the
 * others; whoever asks for it as another type meets what a row of JSON would give. Throws INVALID_INPUT for a number that
 * is not finite, and for text that UTF-8 cannot hold.
 */
export function packedEncoder(fields: readonly FieldSpec[]): (row: Row) => Buffer {
  const declared = fields.map(({ name }) => name);
  const known = new Set(declared);
  const declaredIds = distinctIds(declared);
  return ({ values, timestampMs }) => {
    const cells = fields.map(({ name, type }): Cell => {
      const value = Object.hasOwn(values, name) ? (values[name] ?? null) : null;
      return value === null ? { type, slot: null } : cellOf(name, type, value);
    });
    const others: string[] = [];
    for (const name of Object.keys(values)) {
      const value = values[name] ?? null;
      if (known.has(name) || value === null) continue;
      others.push(name);
      cells.push(cellOf(name, undefined, value));
    }
    const ids = others.length === 0 ? declaredIds : distinctIds([...declared, ...others]);
    return writeRow(ids, cells, timestampSlot(timestampMs));
  };
}

function cellOf(name: string, declared: ScalarType | undefined, value: number | string | boolean): Cell {
  refuseNotFinite(name, value);
  const slot = declared && asDeclared(declared, value);
  if (declared && slot !== undefined) return { type: declared, slot };
  if (typeof value === 'boolean') return { type: 'bool', slot: value ? 1n : 0n };
  if (typeof value === 'number') return { type: 'double', slot: value };
  if (value.isWellFormed()) return { type: 'string', slot: value };
  throw unwritableField(name, 'has half of a surrogate pair', 'must be text that UTF-8 can hold');
}

/** The value as a slot of its declared type; undefined where it is not of that type, or is text, which has a rule. */
function asDeclared(type: ScalarType, value: number | string | boolean): number | bigint | undefined {
  switch (type) {
    case 'bool':
      return typeof value === 'boolean' ? BigInt(value) : undefined;
    case 'int64':
      if (typeof value === 'string') return int64Of(value);
      return Number.isSafeInteger(value) ? BigInt(value) : undefined;
    case 'double':
      return typeof value === 'number' ? value : undefined;
    case 'timestamp': {
      const ms = typeof value === 'string' ? parseTimestampMs(value) : Number.NaN;
      return ms === ms ? BigInt(ms) : undefined;
    }
    case 'string':
      return undefined;
  }
}

/** Decimal text, exactly: what lies beyond 2^53 is kept, though as a feature it is none. */
function int64Of(text: string): bigint | undefined {
  if (!INT64_TEXT.test(text)) return undefined;
  const whole = BigInt(text);
  return BigInt.asIntN(64, whole) === whole ? whole : undefined;
}

function timestampSlot(ms: number | undefined): bigint {
  if (ms === undefined) return NO_TIMESTAMP;
  if (Math.abs(ms) <= MAX_TIMESTAMP_MS) return BigInt(Math.trunc(ms));
  throw unwritableField(TIMESTAMP_FIELD, 'is no moment', `must be epoch ms within ${MAX_TIMESTAMP_MS}`);
}

function writeRow(ids: readonly number[], cells: readonly Cell[], timestamp: bigint): Buffer {
  const count = cells.length;
  if (count > MAX_FIELDS) throw new AppError('INVALID_INPUT', `A row has more than ${MAX_FIELDS} fields.`);
  const start = tailAt(count);
  let length = start;
  for (const { type, slot } of cells) if (type === 'string' && slot !== null) length += Buffer.byteLength(String(slot));
  const bytes = Buffer.alloc(length);
  bytes[0] = PACKED_VERSION;
  bytes.writeUInt16LE(count, COUNT_AT);
  bytes.writeUInt32LE(length, LENGTH_AT);
  bytes.writeBigInt64LE(timestamp, TIMESTAMP_AT);
  const [typesAt, nulls, slots] = [FIELDS_AT + 4 * count, nullsAt(count), slotsAt(count)];
  let end = start;
  cells.forEach(({ type, slot }, at) => {
    bytes.writeUInt32LE(ids[at], FIELDS_AT + 4 * at);
    bytes[typesAt + at] = TYPE_CODES[type];
    const place = slots + 8 * at;
    if (slot === null) bytes[nulls + (at >> 3)] |= 1 << (at & 7);
    else if (typeof slot === 'number') bytes.writeDoubleLE(slot, place);
    else if (typeof slot === 'bigint') bytes.writeBigInt64LE(slot, place);
    else {
      const written = bytes.write(slot, end, 'utf8');
      bytes.writeUInt32LE(end - start, place);
      bytes.writeUInt32LE(written, place + 4);
      end += written;
    }
  });
  bytes.writeUInt32LE(fingerprintOf(bytes.buffer, bytes.byteOffset, count), FINGERPRINT_AT);
  return bytes;
}
