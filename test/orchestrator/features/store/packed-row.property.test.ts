import {
  array,
  assert,
  bigInt,
  boolean,
  constantFrom,
  date,
  double,
  integer,
  maxSafeInteger,
  nat,
  oneof,
  option,
  property,
  record,
  shuffledSubarray,
  string,
  uint8Array,
} from 'fast-check';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { formatTimestamp } from '../../../../foundation/timestamp.ts';
import { RowBlock } from '../../../../orchestrator/features/row-block.ts';
import type { FieldSpec, Row } from '../../../../orchestrator/features/source.ts';
import { jsonRows } from '../../../../orchestrator/features/store/json-row.ts';
import { packedRows } from '../../../../orchestrator/features/store/packed-row.ts';
import type { Columns } from '../../../../orchestrator/plan/column.ts';
import { statuses } from '../source-contract.ts';

const FIELDS: FieldSpec[] = [
  { name: 'flag', type: 'bool' },
  { name: 'whole', type: 'int64' },
  { name: 'number', type: 'double' },
  { name: 'word', type: 'string' },
  { name: 'moment', type: 'timestamp' },
  { name: 'constructor', type: 'string' },
  { name: 'größe', type: 'double' },
];
const ALL_ERROR = [
  FIELDS.map(() => 'ERROR'),
  FIELDS.map(({ type }) => (type === 'string' ? null : Number.NaN)),
  Number.NaN,
];
const KEY = 'k';
const words = string({ unit: 'grapheme' });
const moments = date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }).map((moment) =>
  formatTimestamp(moment.getTime()),
);
/** No -0, which JSON does not tell from 0. */
const numbers = double({ noNaN: true, noDefaultInfinity: true }).map((number) => number || 0);
const wholes = oneof(
  maxSafeInteger().map((whole) => whole || 0),
  bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  constantFrom(2 ** 53 - 1, 1 - 2 ** 53, 2 ** 53, '9007199254740993', '-9007199254740993', 2 ** 31, -(2 ** 31)),
);
const anything = oneof(boolean(), numbers, wholes, words, moments);
/** Values of their fields' types or of any other, absent or null; a time or none. */
const rows = record({
  values: record(
    {
      flag: option(oneof(boolean(), anything)),
      whole: option(oneof(wholes, anything)),
      number: option(oneof(numbers, anything)),
      word: option(oneof(words, anything)),
      moment: option(oneof(moments, anything)),
      constructor: option(words),
      größe: option(numbers),
    },
    { requiredKeys: [] },
  ),
  timestampMs: option(integer({ min: -1e9, max: 4e9 }), { nil: undefined }),
}).map(({ values, timestampMs }): Row => ({ key: KEY, values: { ...values }, timestampMs }));

const encode = (declared: readonly FieldSpec[], row: Row): Buffer => packedRows(() => declared).encoder('t')(row);
const decodePacked = (fields: readonly FieldSpec[], bytes: Buffer): Columns => {
  const block = new RowBlock(fields, 1);
  packedRows(() => []).decoder(fields)(bytes, block, 0);
  return block.columns;
};
const shown = (columns: Columns): unknown[] => [
  statuses(columns),
  columns.values.map(([value]) => value),
  columns.timestampMs[0],
];

/** As Python's struct and zlib would, after the list of fields was changed. */
function withFingerprint(bytes: Buffer): Buffer {
  const count = bytes.readUInt16LE(2);
  bytes.writeUInt32LE(crc32(bytes.subarray(20, 20 + 5 * count)), 8);
  return bytes;
}

/** What lies around a row is not seen: the same is read from a buffer that ends with the row. */
function expectItself(bytes: Buffer, other: Uint8Array): void {
  const alone = Buffer.from(new Uint8Array(bytes).buffer);
  const between = Buffer.concat([other, bytes, other]).subarray(other.length, other.length + bytes.length);
  expect(shown(decodePacked(FIELDS, between))).toEqual(shown(decodePacked(FIELDS, alone)));
}
const others = uint8Array({ minLength: 1, maxLength: 64 });

describe('a packed row', () => {
  test('gives what the row as JSON gives, whichever of its fields were declared and whichever are asked for', () => {
    assert(
      property(rows, shuffledSubarray(FIELDS), shuffledSubarray(FIELDS), (row, declared, asked) => {
        const block = new RowBlock(asked, 1);
        jsonRows.decoder(asked)(jsonRows.encoder('t')(row), block, 0);
        expect(shown(decodePacked(asked, encode(declared, row)))).toEqual(shown(block.columns));
      }),
    );
  });

  test('keeps every bit of a double', () => {
    assert(
      property(double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const [column] = decodePacked([FIELDS[2]], encode([], { key: KEY, values: { number } })).values;
        expect(Object.is(column[0], number)).toBe(true);
      }),
    );
  });

  test('cut short anywhere, or with a byte too many, is ERROR as a row', () => {
    assert(
      property(rows, nat(), (row, cut) => {
        const bytes = encode(FIELDS, row);
        for (const broken of [bytes.subarray(0, cut % bytes.length), Buffer.concat([bytes, Buffer.of(0)])]) {
          expect(shown(decodePacked(FIELDS, broken))).toEqual(ALL_ERROR);
        }
      }),
    );
  });

  test('of another version or another fingerprint, or with a string beyond its end, is ERROR as a row', () => {
    const whole = encode(FIELDS, {
      key: KEY,
      values: { flag: true, whole: 1, number: 0.5, word: 'word' },
      timestampMs: 0,
    });
    const slots = 20 + 5 * 7 + 1;
    const changes: ((bytes: Buffer) => unknown)[] = [
      (bytes) => bytes.writeUInt8(2, 0),
      (bytes) => bytes.writeUInt8(1, 1),
      (bytes) => bytes.writeUInt16LE(6, 2),
      (bytes) => bytes.writeUInt16LE(0xffff, 2),
      (bytes) => bytes.writeUInt32LE(0xffffffff, 4),
      (bytes) => bytes.writeUInt8(bytes[8] ^ 1, 8),
      (bytes) => bytes.writeBigInt64LE(2n ** 62n, 12),
      (bytes) => bytes.writeUInt8(3, 20 + 4 * 7),
      (bytes) => bytes.writeUInt32LE(1, slots + 8 * 3),
      (bytes) => bytes.writeUInt32LE(0xffffffff, slots + 8 * 3),
      (bytes) => bytes.writeUInt32LE(5, slots + 8 * 3 + 4),
      (bytes) => bytes.writeUInt32LE(0xffffffff, slots + 8 * 3 + 4),
    ];
    expect(shown(decodePacked(FIELDS, whole))).not.toEqual(ALL_ERROR);
    for (const change of changes) {
      const bytes = Buffer.from(whole);
      change(bytes);
      expect([change, ...shown(decodePacked(FIELDS, bytes))]).toEqual([change, ...ALL_ERROR]);
    }
  });

  test('with a slot that is none of its type, or a type of later, is ERROR for that cell', () => {
    const values = { flag: true, whole: 1, number: 0.5, word: 'word', moment: '2013-01-05T10:00:00Z' };
    const slots = 20 + 5 * 7 + 1;
    const changes: [number, (bytes: Buffer) => unknown][] = [
      [0, (bytes) => bytes.writeBigInt64LE(2n, slots)],
      [1, (bytes) => bytes.writeBigInt64LE(2n ** 53n, slots + 8)],
      [2, (bytes) => bytes.writeDoubleLE(Number.NaN, slots + 16)],
      [2, (bytes) => bytes.writeDoubleLE(-Infinity, slots + 16)],
      [4, (bytes) => bytes.writeBigInt64LE(8_640_000_000_000_001n, slots + 32)],
      [2, (bytes) => bytes.writeUInt8(99, 20 + 4 * 7 + 2)],
      [2, (bytes) => bytes.writeUInt8(0, 20 + 4 * 7 + 2)],
    ];
    for (const [field, change] of changes) {
      const bytes = encode(FIELDS, { key: KEY, values });
      change(bytes);
      const expected = FIELDS.map((_, at) => (at === field ? 'ERROR' : at < 5 ? 'PRESENT' : 'NULL_VALUE'));
      expect([change, ...statuses(decodePacked(FIELDS, withFingerprint(bytes)))]).toEqual([change, ...expected]);
    }
  });

  test('of any bytes is decoded or told, throws nothing and reads nothing outside of itself', () => {
    const changes = array(record({ at: nat(), to: nat(255) }), { maxLength: 6 });
    assert(
      property(rows, changes, boolean(), others, (row, edits, mended, other) => {
        const bytes = encode(FIELDS, row);
        for (const { at, to } of edits) bytes[at % bytes.length] = to;
        if (mended && bytes.readUInt16LE(2) === FIELDS.length) withFingerprint(bytes);
        expectItself(bytes, other);
      }),
      { numRuns: 1000 },
    );
    assert(
      property(uint8Array({ maxLength: 200 }), boolean(), others, (raw, versioned, other) => {
        const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
        if (versioned && bytes.length >= 20) {
          bytes.writeUInt16LE(1, 0);
          bytes.writeUInt32LE(bytes.length, 4);
          bytes.writeUInt16LE(bytes.readUInt16LE(2) % 20, 2);
        }
        expectItself(bytes, other);
      }),
      { numRuns: 1000 },
    );
  });
});
