import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RowBlock } from '../../../../orchestrator/features/row-block.ts';
import type { FieldSpec, Row } from '../../../../orchestrator/features/source.ts';
import { packedRows } from '../../../../orchestrator/features/store/packed-row.ts';
import type { Columns } from '../../../../orchestrator/plan/column.ts';
import { statuses } from '../source-contract.ts';

const PLANE: FieldSpec[] = [
  { name: 'year', type: 'int64' },
  { name: 'share', type: 'double' },
  { name: 'maker', type: 'string' },
  { name: 'heavy', type: 'bool' },
  { name: 'built', type: 'timestamp' },
];
const VALUES: Row['values'] = {
  year: 2004,
  share: 0.25,
  maker: 'Ünal',
  heavy: true,
  built: '2004-02-29T12:00:00.250+01:00',
};
const JANUARY = Date.UTC(2013, 0, 5, 10);

function encode(fields: readonly FieldSpec[], values: Row['values'], timestampMs?: number): Buffer {
  return packedRows(() => fields).encoder('plane')({ key: 'N1', values, timestampMs });
}

function decode(fields: readonly FieldSpec[], ...rows: Buffer[]): Columns {
  const block = new RowBlock(fields, rows.length);
  const decodeRow = packedRows(() => []).decoder(fields);
  rows.forEach((bytes, row) => decodeRow(bytes, block, row));
  return block.columns;
}

const cells = (columns: Columns, row = 0): unknown[] => columns.values.map((values) => values[row]);
const field = (name: string, type: FieldSpec['type']): FieldSpec => ({ name, type });

/** Value and status of one field that was written as one type and is asked for as another. */
function reread(written: FieldSpec['type'] | undefined, value: number | string | boolean, asked: FieldSpec['type']) {
  const bytes = encode(written ? [field('x', written)] : [], { x: value });
  const columns = decode([field('x', asked)], bytes);
  return statuses(columns)[0] === 'PRESENT' ? cells(columns)[0] : statuses(columns)[0];
}

describe('a packed row is these bytes', () => {
  test('with each type, a null and a time', () => {
    const bytes = encode(PLANE, { ...VALUES, share: null }, JANUARY);
    const parts = [
      '01 00', // version
      '05 00', // five fields
      '5b 00 00 00', // 91 bytes
      'eb cc 99 f3', // CRC-32 of the ids and types
      '00 19 27 0a 3c 01 00 00', // 1357380000000
      '37 73 82 bb  5a 9d 06 ef  b4 7f 19 c6  5f 7a 31 7a  bf e2 17 a0', // CRC-32 of each name
      '02 03 04 01 05', // types
      '02', // the second is null
      'd4 07 00 00 00 00 00 00', // 2004
      '00 00 00 00 00 00 00 00',
      '00 00 00 00 05 00 00 00', // five bytes at 0
      '01 00 00 00 00 00 00 00',
      '7a 2c ee 00 fb 00 00 00', // 1078052400250
      'c3 9c 6e 61 6c',
    ];
    expect(bytes.toString('hex')).toBe(parts.join('').replaceAll(' ', ''));
  });

  test('without fields and without a time it is 20', () => {
    expect(encode([], {}).toString('hex')).toBe('0100000014000000000000000000000000000080');
    const columns = decode([], encode([], {}));
    expect(columns.timestampMs[0]).toBeNaN();
  });

  test('and they are read back as columns hold them', () => {
    const columns = decode(PLANE, encode(PLANE, VALUES, JANUARY));
    expect(cells(columns)).toEqual([2004, 0.25, 'Ünal', 1, Date.UTC(2004, 1, 29, 11, 0, 0, 250)]);
    expect(new Set(statuses(columns))).toEqual(new Set(['PRESENT']));
    expect(columns.timestampMs[0]).toBe(JANUARY);
  });

  test('also from the middle of a buffer whose other bytes are others’', () => {
    const row = encode(PLANE, VALUES, JANUARY);
    const around = Buffer.concat([Buffer.alloc(13, 0xff), row, Buffer.alloc(64, 0x01)]);
    const columns = decode(PLANE, around.subarray(13, 13 + row.length));
    expect(cells(columns)).toEqual(cells(decode(PLANE, row)));
  });
});

describe('rows of an older list of fields', () => {
  test('have null where a field was added, wherever it was put', () => {
    const old = encode(PLANE, VALUES, JANUARY);
    const added = [...PLANE.slice(0, 2), field('seats', 'int64'), ...PLANE.slice(2)];
    const columns = decode(added, old, encode(added, { ...VALUES, seats: 180 }));
    expect(statuses(columns)).toEqual(['PRESENT', 'PRESENT', 'NULL_VALUE', 'PRESENT', 'PRESENT', 'PRESENT']);
    expect(cells(columns)[3]).toBe('Ünal');
    expect(cells(columns, 1)[2]).toBe(180);
    expect(columns.timestampMs[0]).toBe(JANUARY);
  });

  test('are read past a removed field, in another order, and by a view that asks for one field twice', () => {
    const [year, share, maker] = PLANE;
    expect(cells(decode([maker, year], encode(PLANE, VALUES)))).toEqual(['Ünal', 2004]);
    expect(cells(decode(PLANE, encode(PLANE.toReversed(), VALUES)))).toEqual(
      cells(decode(PLANE, encode(PLANE, VALUES))),
    );
    expect(cells(decode([share, share], encode(PLANE, VALUES)))).toEqual([0.25, 0.25]);
  });

  test('and of newer ones stand side by side in one fetch, however many lists there are', () => {
    const lists = Array.from({ length: 200 }, (_, at) => [
      ...PLANE.slice(0, at % 5),
      field(`extra_${at}`, 'double'),
      PLANE[0],
    ]);
    const fields = [PLANE[0], ...lists.map((list) => list.at(-2) ?? PLANE[0])];
    const unique = lists.map((list, at) => encode([...new Set(list)], { year: at, [`extra_${at}`]: at / 2 }));
    for (const columns of [decode(fields, ...unique), decode(fields, ...unique.toReversed(), ...unique)]) {
      const rows = columns.rows;
      for (let row = 0; row < rows; row++) {
        const at = Number(columns.values[0][row]);
        expect(columns.values[at + 1][row]).toBe(at / 2);
        expect(columns.values.filter((values) => values[row] === values[row])).toHaveLength(2);
      }
    }
  });

  test('are not taken for each other where two lists share a fingerprint', () => {
    const [one, other] = [field('f_f6ea9956ad4f', 'int64'), field('f_6fa29b13afa6', 'double')];
    const rows = [encode([one], { [one.name]: 7 }), encode([other], { [other.name]: 0.5 })];
    expect(rows[0].readUInt32LE(8)).toBe(rows[1].readUInt32LE(8));
    const columns = decode([one, other], ...rows, ...rows);
    expect([...columns.values[0]]).toEqual([7, Number.NaN, 7, Number.NaN]);
    expect([...columns.values[1]]).toEqual([Number.NaN, 0.5, Number.NaN, 0.5]);
  });

  test('give a retyped field where JSON would: what is the same number, text that spells one, else ERROR', () => {
    expect(reread('int64', 2004, 'double')).toBe(2004);
    expect(reread('double', 2004, 'int64')).toBe(2004);
    expect(reread('double', 0.5, 'int64')).toBe('ERROR');
    expect(reread('int64', '9007199254740993', 'double')).toBe('ERROR');
    expect(reread('string', '-42', 'int64')).toBe(-42);
    expect(reread('string', '2013-01-05T10:00:00Z', 'timestamp')).toBe(JANUARY);
    expect(reread('timestamp', '2013-01-05T10:00:00Z', 'string')).toBe('2013-01-05T10:00:00Z');
    expect(reread('string', '0.5', 'double')).toBe('ERROR');
    expect(reread('bool', true, 'int64')).toBe('ERROR');
    expect(reread('int64', 1, 'bool')).toBe('ERROR');
    expect(reread('int64', JANUARY, 'timestamp')).toBe('ERROR');
    expect(reread('timestamp', '2013-01-05T10:00:00Z', 'int64')).toBe('ERROR');
    expect(reread('double', 1, 'string')).toBe('ERROR');
  });
});

describe('a value', () => {
  test('of int64 is kept exactly, and is a feature up to 2^53', () => {
    const kept = (value: number | string): bigint => encode([field('x', 'int64')], { x: value }).readBigInt64LE(26);
    expect(kept('9007199254740993')).toBe(9007199254740993n);
    expect(kept('-9223372036854775808')).toBe(-(2n ** 63n));
    expect(kept(-1)).toBe(-1n);
    for (const edge of [2 ** 53 - 1, 1 - 2 ** 53, 2 ** 32, -(2 ** 32), -1, 0]) {
      expect(reread('int64', edge, 'int64')).toBe(edge);
      expect(reread('int64', String(edge), 'int64')).toBe(edge);
    }
    const beyond = [
      '9007199254740992',
      '-9007199254740992',
      '9223372036854775807',
      '-9223372036854775808',
      2 ** 53,
      1e300,
    ];
    for (const value of beyond) expect(reread('int64', value, 'int64')).toBe('ERROR');
    expect(reread('int64', '9999999999999999999', 'int64')).toBe('ERROR');
  });

  test('that is not of its field’s type is ERROR as that, and readable as what it is', () => {
    expect(reread('int64', 'many', 'int64')).toBe('ERROR');
    expect(reread('int64', 'many', 'string')).toBe('many');
    expect(reread('bool', 1, 'bool')).toBe('ERROR');
    expect(reread('double', true, 'bool')).toBe(1);
    expect(reread('timestamp', 'yesterday', 'timestamp')).toBe('ERROR');
    expect(reread(undefined, 2004, 'int64')).toBe(2004);
  });

  test('that no row can hold is refused by its field', () => {
    const refused = (name: string) =>
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(name) });
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      expect(() => encode(PLANE, { share: value })).toThrow(refused('share'));
      expect(() => encode(PLANE, { other: value })).toThrow(refused('other'));
    }
    expect(() => encode(PLANE, { maker: 'half \ud83d' })).toThrow(refused('maker'));
    expect(() => encode(PLANE, {}, Number.NaN)).toThrow(refused('_ts'));
    expect(() => encode(PLANE, {}, 8.64e15 + 1)).toThrow(refused('_ts'));
  });

  test('whose name has the id of another’s is refused, in writing and in reading', () => {
    expect(crc32('plumless')).toBe(crc32('buckeroo'));
    const both = [field('plumless', 'double'), field('buckeroo', 'double')];
    const refusal = expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining('plumless') });
    expect(() => encode(both, {})).toThrow(refusal);
    expect(() => encode([], { plumless: 1, buckeroo: 2 })).toThrow(refusal);
    expect(() => packedRows(() => []).decoder(both)).toThrow(refusal);
  });
});
