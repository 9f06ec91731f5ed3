import { describe, expect, test } from 'vitest';
import { readPushBody } from '../../../data/push/push-body.ts';

const read = (body: unknown) => readPushBody(JSON.stringify(body));
const refusalOf = (body: unknown): string => {
  try {
    read(body);
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

describe('the body of a push', () => {
  test('is a view and a list of rows', () => {
    const rows = [{ tailnum: 'N1', year: 2004 }];
    expect(read({ view: 'plane', rows })).toEqual({ name: 'plane', rows: { objects: rows } });
  });

  test("is that of Feast's push server, whose time without a zone is UTC, and whose scalars stand for every row", () => {
    const { name, rows } = read({
      push_source_name: 'plane',
      df: {
        tailnum: ['N1', 'N2', 'N3', 'N4'],
        year: 2004,
        event_timestamp: ['2021-05-13 10:59:42', '2021-05-13T10:59:42.5', '2021-05-13 10:59:42+02:00', null],
      },
      to: 'online',
      allow_registry_cache: true,
      transform_on_write: true,
    });
    expect(name).toBe('plane');
    expect(rows).toMatchObject({ count: 4 });
    const columns = 'columns' in rows ? rows.columns : new Map<string, unknown>();
    expect([...columns.keys()]).toEqual(['tailnum', 'year', 'event_timestamp', '_ts']);
    expect(columns.get('year')).toBe(2004);
    expect(columns.get('_ts')).toEqual([
      '2021-05-13 10:59:42Z',
      '2021-05-13T10:59:42.5Z',
      '2021-05-13 10:59:42+02:00',
      null,
    ]);
    const once = read({ push_source_name: 'plane', df: { tailnum: ['N1'], event_timestamp: '2021-05-13 10:59:42' } });
    expect('columns' in once.rows && once.rows.columns.get('_ts')).toBe('2021-05-13 10:59:42Z');
  });

  test.each([
    [{ rows: [] }, 'view is required: the name of a view or of a table.'],
    [{ view: 'plane' }, 'rows is required: a list of objects.'],
    [{ view: 'plane', rows: {} }, 'rows is required: a list of objects.'],
    [{ view: 'plane', row: [] }, 'row is not a key of a push, did you mean "rows"?.'],
    [{ view: 'plane', rows: [], newest: true }, 'newest is not a key of a push.'],
    [{ push_source_name: 'plane', df: [] }, 'df is required: an object of lists, one a column.'],
    [{ df: { a: [1] } }, 'push_source_name is required: the name of a view or of a table.'],
    [{ push_source_name: 'plane', df: { a: 1 } }, 'df must hold a list with one value a row for each column.'],
    [{ push_source_name: 'plane', df: { a: [1], b: [1, 2] } }, 'df.b has 2 values, and a has 1.'],
    [{ push_source_name: 'plane', df: { a: [1], b: { 0: 1 } } }, 'df.b must be a list with one value a row.'],
    [
      { push_source_name: 'plane', df: { _ts: ['2021-05-13T10:59:42Z'], event_timestamp: ['2021-05-13T10:59:42Z'] } },
      'df has event_timestamp and _ts, which are the same.',
    ],
  ])('is not %j', (body, refusal) => {
    expect(refusalOf(body)).toBe(refusal);
  });

  test.each(['offline', 'online_and_offline', 'both'])('is not for the %s store', (to) => {
    const refusal = 'to must be "online": there is no offline store here.';
    expect(refusalOf({ push_source_name: 'plane', df: { a: [1] }, to })).toBe(refusal);
  });

  test('is JSON', () => {
    expect(() => readPushBody('{"view":')).toThrow('The body is not valid JSON.');
    expect(() => readPushBody('[]')).toThrow('The body must be a JSON object.');
  });

  test('cannot make more of a frame than it is: scalars are not written out', () => {
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`c${at}`, 1]));
    const { rows } = read({
      push_source_name: 'plane',
      df: { tailnum: Array.from({ length: 100_000 }, () => 1), ...wide },
    });
    expect('columns' in rows && rows.columns.get('c7')).toBe(1);
  });
});
