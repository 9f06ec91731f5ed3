import { describe, expect, test } from 'vitest';
import type { Target } from '../../../data/ingest/target.ts';
import { checkRows, type CheckedRows } from '../../../data/push/check-rows.ts';
import { AppError, type ErrorDetail } from '../../../foundation/errors.ts';

const TARGET: Target = {
  store: 'online',
  table: 'plane',
  key: [
    { name: 'tailnum', type: 'string' },
    { name: 'leg', type: 'int64' },
  ],
  fields: [
    { name: 'year', type: 'int64' },
    { name: 'maker', type: 'string' },
  ],
};
const GOOD = { tailnum: 'N|1', leg: '9007199254740993', year: 2004, maker: null };

const check = (...objects: unknown[]): CheckedRows => checkRows({ objects }, TARGET);
function refusalOf(run: () => unknown): { message: string; details: ErrorDetail[] } {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError && error.code === 'INVALID_INPUT') return error;
  }
  throw new Error('It was not refused.');
}

describe('rows of a push', () => {
  test('are keyed and typed as ingest does it, with their time where they have one', () => {
    expect(check(GOOD, { ...GOOD, leg: 2, _ts: '2013-01-05T10:00:00Z' }, { ...GOOD, leg: 3, _ts: null })).toEqual({
      rows: [
        { key: 'N%7C1|9007199254740993', values: { year: 2004, maker: null } },
        { key: 'N%7C1|2', values: { year: 2004, maker: null }, timestampMs: Date.parse('2013-01-05T10:00:00Z') },
        { key: 'N%7C1|3', values: { year: 2004, maker: null } },
      ],
      ignored: [],
    });
  });

  test('are none where there are none', () => {
    expect(check()).toEqual({ rows: [], ignored: [] });
  });

  test('are refused with all that is wrong, each with its row and its field', () => {
    const { message, details } = refusalOf(() =>
      check(
        GOOD,
        { ...GOOD, tailnum: null, year: '2004.5', _ts: '2013-01-05 10:00:00' },
        { ...GOOD, leg: 1.5 },
        { ...GOOD, year: 2 ** 53 },
      ),
    );
    expect(message).toBe('3 of 4 rows are bad: nothing was written.');
    expect(details).toEqual([
      { instance: 1, field: 'tailnum', problem: 'is null, and it is part of the key' },
      { instance: 1, field: 'year', problem: 'must be a whole number, is "2004.5"' },
      { instance: 1, field: '_ts', problem: expect.stringContaining('must be a date, or a timestamp with a zone') },
      { instance: 2, field: 'leg', problem: 'must be a whole number, is 1.5' },
      { instance: 3, field: 'year', problem: expect.stringContaining('beyond 2^53') },
    ]);
  });

  test('are whole, and nothing else: what is missing is not made null, what is not known is not left out', () => {
    const { details } = refusalOf(() => check({ tailnum: 'N1', leg: 1, yaer: 2004, maker: 'A' }, 'N1', null, [GOOD]));
    expect(details).toEqual([
      { instance: 0, field: 'year', problem: 'is missing: write null where nothing is known' },
      { instance: 0, field: 'yaer', problem: "is no part of the table's rows, did you mean `year`?" },
      { instance: 1, problem: 'must be an object of key parts and fields' },
      { instance: 2, problem: 'must be an object of key parts and fields' },
      { instance: 3, problem: 'must be an object of key parts and fields' },
    ]);
    expect(refusalOf(() => check({ ...GOOD, constructor: 1 })).details).toHaveLength(1);
  });

  test('are all counted where they are bad, and a hundred problems told', () => {
    const { message, details } = refusalOf(() =>
      check(...Array.from({ length: 5000 }, () => ({ ...GOOD, year: 'old' }))),
    );
    expect(message).toBe('5000 of 5000 rows are bad: nothing was written.');
    expect(details).toHaveLength(100);
  });
});

describe('a frame of rows', () => {
  const frame = (columns: Record<string, unknown>, count = 2) =>
    checkRows({ count, columns: new Map(Object.entries(columns)) }, TARGET);

  test('is rows, its scalars in each; columns beside them are told, but for the time that is `_ts` already', () => {
    const checked = frame({
      tailnum: ['N1', 'N2'],
      leg: 1,
      year: [2004, null],
      maker: 'A',
      created: ['x', 'y'],
      event_timestamp: ['2013-01-05 10:00:00', '2013-01-05 10:00:00'],
      _ts: '2013-01-05T10:00:00Z',
    });
    const timestampMs = Date.parse('2013-01-05T10:00:00Z');
    expect(checked).toEqual({
      rows: [
        { key: 'N1|1', values: { year: 2004, maker: 'A' }, timestampMs },
        { key: 'N2|1', values: { year: null, maker: 'A' }, timestampMs },
      ],
      ignored: ['created'],
    });
  });

  test('is refused where it lacks a column, or a cell does not fit', () => {
    const lacking = refusalOf(() => frame({ tailnum: ['N1', 'N2'], leg: 1, maker: 'A' }));
    expect(lacking.message).toBe('2 of 2 rows are bad: nothing was written.');
    expect(lacking.details).toEqual([{ field: 'year', problem: 'is missing: rows of the table have it' }]);
    const bad = refusalOf(() => frame({ tailnum: ['N1', 2], leg: 1, year: 1, maker: 'A' }));
    expect(bad.details).toEqual([{ instance: 1, field: 'tailnum', problem: 'must be a string, is 2' }]);
  });
});
