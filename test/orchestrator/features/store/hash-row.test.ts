import { assert, boolean, double, maxSafeInteger, option, property, record, string, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowBlock } from '../../../../orchestrator/features/row-block.ts';
import type { FieldSpec } from '../../../../orchestrator/features/source.ts';
import { encodeHash, hashDecoder, hashNames } from '../../../../orchestrator/features/store/hash-row.ts';
import { statuses } from '../source-contract.ts';

const FIELDS: FieldSpec[] = [
  { name: 'number', type: 'double' },
  { name: 'whole', type: 'int64' },
  { name: 'word', type: 'string' },
  { name: 'flag', type: 'bool' },
  { name: 'moment', type: 'timestamp' },
];

/** What a server would answer of these pairs. */
function valuesOf(list: readonly string[]): (Buffer | null)[] {
  return hashNames(FIELDS).map((name) => {
    const at = list.findIndex((each, place) => place % 2 === 0 && each === name);
    return at < 0 ? null : Buffer.from(list[at + 1] ?? '');
  });
}

function decode(values: readonly (Buffer | null)[]): RowBlock {
  const block = new RowBlock(FIELDS, 1);
  hashDecoder(FIELDS)(values, block, 0);
  return block;
}

describe('rows as hashes', () => {
  test('are pairs that any tool would write, with an empty time where none is known', () => {
    const values = { year: 2004, heavy: null, maker: 'BOEING', used: true };
    expect(encodeHash({ key: 'N1', values, timestampMs: Date.UTC(2013, 0, 5, 10) })).toEqual(
      ['year', '2004', 'maker', 'BOEING', 'used', 'true', '_ts', '2013-01-05T10:00:00Z'], // prettier-ignore
    );
    expect(encodeHash({ key: 'N1', values: {} })).toEqual(['_ts', '']);
    expect(encodeHash({ key: 'N1', values: { _ts: '2013-01-05T10:00:00Z' } })).toEqual(['_ts', '2013-01-05T10:00:00Z']);
  });

  test('every number, text and flag comes back as it was, null as NULL_VALUE', () => {
    const values = record({
      number: option(double({ noNaN: true, noDefaultInfinity: true })),
      whole: option(maxSafeInteger().map((number) => number || 0)),
      word: option(string({ unit: 'grapheme' })),
      flag: option(boolean()),
    });
    assert(
      property(values, (given) => {
        const { columns } = decode(valuesOf(encodeHash({ key: 'k', values: given })));
        FIELDS.slice(0, 4).forEach(({ name }, at) => {
          const value = given[name as keyof typeof given];
          const shown = typeof value === 'boolean' ? Number(value) : value;
          expect(columns.values[at][0]).toBe(value === null && name !== 'word' ? Number.NaN : shown);
          expect(statuses({ ...columns, states: [columns.states[at]] })).toEqual([
            value === null ? 'NULL_VALUE' : 'PRESENT',
          ]);
        });
      }),
    );
  });

  test('whatever the bytes, a field is decoded or told as ERROR, and nothing is thrown', () => {
    assert(
      property(uint8Array(), (bytes) => {
        const { columns } = decode([...FIELDS.map(() => Buffer.from(bytes)), null]);
        for (const status of statuses(columns)) expect(['PRESENT', 'ERROR']).toContain(status);
      }),
    );
  });

  test.each(['', ' 1', '1 ', '0x10', 'Infinity', 'NaN', '1e999', '1_0', 'true'])('%j is no double', (text) => {
    const { columns } = decode([Buffer.from(text), null, null, null, null, null]);
    expect(statuses(columns)[0]).toBe('ERROR');
  });

  test.each([
    ['1.5', 1.5],
    ['-.5e3', -500],
    ['+7.', 7],
  ])('%j is the double %d', (text, number) => {
    expect(decode([Buffer.from(text), null, null, null, null, null]).columns.values[0][0]).toBe(number);
  });
});
