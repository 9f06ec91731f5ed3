import {
  array,
  assert,
  boolean,
  constantFrom,
  double,
  integer,
  maxSafeInteger,
  option,
  property,
  record,
  shuffledSubarray,
  string,
  tuple,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FieldSpec } from '../../../../orchestrator/features/source.ts';
import { encodeRow, rowDecoder } from '../../../../orchestrator/features/store/json-row.ts';
import { RowBlock } from '../../../../orchestrator/features/row-block.ts';
import { STATUSES, statusOf } from '../../../../orchestrator/plan/column.ts';

const FIELDS: FieldSpec[] = [
  { name: 'number', type: 'double' },
  { name: 'whole', type: 'int64' },
  { name: 'word', type: 'string' },
  { name: 'flag', type: 'bool' },
];

describe('rows as JSON', () => {
  test('the text is what any tool would write', () => {
    const timestampMs = Date.UTC(2013, 0, 5, 10);
    expect(encodeRow({ key: 'N1', values: { year: 2004, heavy: null }, timestampMs })).toBe(
      '{"year":2004,"heavy":null,"_ts":"2013-01-05T10:00:00Z"}',
    );
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
        const block = new RowBlock(FIELDS, 1);
        rowDecoder(FIELDS)(encodeRow({ key: 'k', values: given }), block, 0);
        FIELDS.forEach(({ name }, at) => {
          const value = given[name as keyof typeof given];
          const shown = typeof value === 'boolean' ? Number(value) : value;
          expect(block.columns.values[at][0]).toBe(value === null && name !== 'word' ? Number.NaN : shown);
          expect(STATUSES[statusOf(block.columns.states[at][0])]).toBe(value === null ? 'NULL_VALUE' : 'PRESENT');
        });
      }),
    );
  });

  test('a row reads the same whatever rows came before it, in whatever order they have their members', () => {
    const names = ['number', 'whole', 'word', 'flag', 'other', 'constructor', '__proto__', '7', '_ts'];
    const value = constantFrom('null', '1', '1.5', '"text"', 'true', '"2013-01-05T10:00:00Z"');
    const row = tuple(shuffledSubarray(names), array(value, { minLength: names.length, maxLength: names.length })).map(
      ([members, values]) => `{${members.map((name, at) => `"${name}":${values[at]}`).join()}}`,
    );
    // Few of them again and again, as writers have their orders.
    const rows = tuple(array(row, { minLength: 1, maxLength: 4 }), array(integer({ min: 0, max: 3 })));
    const asked: FieldSpec[] = [...FIELDS, { name: 'constructor', type: 'double' }];
    assert(
      property(rows, ([kinds, order]) => {
        const texts = order.map((at) => kinds[at % kinds.length]);
        const decode = rowDecoder(asked);
        const [one, each] = [new RowBlock(asked, texts.length), new RowBlock(asked, texts.length)];
        texts.forEach((text, at) => decode(text, one, at));
        texts.forEach((text, at) => rowDecoder(asked)(text, each, at));
        expect(one.columns).toEqual(each.columns);
      }),
    );
  });

  test('whatever the text, a row is decoded or told as ERROR, and nothing is thrown', () => {
    assert(
      property(string(), (text) => {
        const block = new RowBlock(FIELDS, 1);
        rowDecoder(FIELDS)(text, block, 0);
        expect(STATUSES[statusOf(block.columns.states[0][0])]).toBe('ERROR');
      }),
    );
  });
});

describe('a block', () => {
  test('shares one array of states until a cell departs from its row', () => {
    const block = new RowBlock(FIELDS, 3);
    const { states } = block.columns;
    expect(new Set(states).size).toBe(1);
    block.missing(1);
    expect(new Set(states).size).toBe(1);
    block.wrongType(2, 0);
    expect(new Set(states).size).toBe(2);
    block.undecodable(2);
    const shown = states.map((each) => Array.from(each, (state) => STATUSES[statusOf(state)]));
    expect(shown[0]).toEqual(['PRESENT', 'NOT_FOUND', 'ERROR']);
    expect(shown[1]).toEqual(shown[0]);
    expect(shown[2]).toEqual(['ERROR', 'NOT_FOUND', 'ERROR']);
  });
});
