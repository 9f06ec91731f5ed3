import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSql } from '../../data/duckdb-reader.ts';
import { sqlText } from '../../data/duckdb.ts';
import type { ReadOptions } from '../../data/rows.ts';
import { openScratch, type Scratch } from './scratch.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(() => scratch.remove());

async function rowsOf(sql: string, options?: ReadOptions): Promise<unknown[][]> {
  const opened = await openSql(sql);
  const rows: unknown[][] = [];
  for await (const chunk of opened.chunks(options)) {
    for (let row = 0; row < chunk.rows; row++) {
      rows.push([chunk.place(row), ...chunk.cells.map((column) => column[row])]);
    }
  }
  opened.close();
  return rows;
}

describe('rows of SQL', () => {
  test('are those of its last statement, in its order', async () => {
    expect(
      await rowsOf('CREATE TABLE t AS FROM range(5); -- three of them;\nFROM t ORDER BY range DESC LIMIT 3; '),
    ).toEqual([4, 3, 2].map((range, at) => [at + 1, range]));
  });

  test('are read from files of several kinds at once, and from databases that are attached', async () => {
    const planes = await scratch.text('planes.csv', 'tailnum,year\nN1,2004\nN2,\n');
    const makers = await scratch.parquet('makers.parquet', `SELECT 'N1' tailnum, 'BOEING' maker`);
    const joined = `SELECT tailnum, year::INT AS year, maker FROM ${sqlText(planes)} LEFT JOIN ${sqlText(makers)} USING (tailnum) ORDER BY 1`;
    expect(await rowsOf(joined)).toEqual([
      [1, 'N1', 2004, 'BOEING'],
      [2, 'N2', Number.NaN, null],
    ]);
    const other = sqlText(scratch.path('other.duckdb'));
    await rowsOf(`ATTACH ${other} AS other; CREATE TABLE other.t AS ${joined}; FROM other.t`);
    expect(await rowsOf(`ATTACH ${other} AS other (READ_ONLY); SELECT count(*) FROM other.t`)).toEqual([[1, 2]]);
  });

  test('may be passed over and columns left unread', async () => {
    const rows = await rowsOf('SELECT range AS a, range * 2 AS b FROM range(5000)', {
      from: 4998,
      wanted: new Set([1]),
    });
    expect(rows).toEqual([
      [4999, undefined, 9996],
      [5000, undefined, 9998],
    ]);
    expect(await rowsOf('SELECT 1 AS a', { wanted: new Set() })).toEqual([[1, undefined]]);
  });

  test.each([
    ['FROM nowhere', 'nowhere'],
    ['SELECT', 'SELECT clause without selection list'],
    ['', 'syntax error'],
    ["FROM 'http://127.0.0.1:9/x.parquet'", 'requires the extension httpfs'],
    ['CREATE TABLE t(a INT)', 'syntax error'],
  ])('%j is refused in DuckDB’s words', async (sql, said) => {
    await expect(openSql(sql)).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining(said) });
  });

  test('that fail on the way end in an error', async () => {
    await expect(
      rowsOf("SELECT CASE WHEN range < 9000 THEN '1' ELSE 'x' END::INT AS a FROM range(10000)"),
    ).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('Could not convert string'),
    });
  });

  test('that take long end when nobody waits any more', async () => {
    const stop = new AbortController();
    const opened = await openSql(
      'SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5',
    );
    const first = opened.chunks({ signal: stop.signal })[Symbol.asyncIterator]().next();
    setImmediate(() => stop.abort());
    await expect(first).rejects.toMatchObject({ message: expect.stringMatching(/interrupt/i) });
    opened.close();
  });
});
