import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CheckedConfig } from '../../../config/checked.ts';
import { fillStores } from '../../../data/ingest/fill.ts';
import { ingest, type IngestOptions, type IngestResult } from '../../../data/ingest/ingest.ts';
import type { ProgressReport } from '../../../data/progress.ts';
import type { FieldSpec, Store } from '../../../orchestrator/features/source.ts';
import { openLmdbStore } from '../../../orchestrator/features/store/lmdb.ts';
import type { Columns } from '../../../orchestrator/plan/column.ts';
import { openScratch, type Scratch } from '../scratch.ts';

const YAML = `
version: 1
project: nyc
inputs: { instance: { tailnum: string, dest: string, origin: string, at: timestamp, n: int64 } }
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tailnum: instance.tailnum }, fields: { year: int64, heavy: bool, since: timestamp } }
  hourly: { store: online, key: { n: instance.n, hour: instance.at }, fields: { mean: double } }
  home: { store: online, table: airport, key: { faa: instance.origin }, fields: { tz: int64 } }
  away: { store: online, table: airport, key: { faa: instance.dest }, fields: { name: string } }
models: { m: { features: [plane.year, hourly.mean, home.tz] } }
dev: { fill: { airport: airports.csv, plane: planes.csv } }
`;
const signal = new AbortController().signal;

let scratch: Scratch;
let checked: CheckedConfig;
let store: Store;
let stores = 0;
beforeAll(async () => {
  scratch = await openScratch();
  checked = await scratch.config(YAML);
});
afterAll(() => scratch.remove());
beforeEach(async () => {
  store = await openLmdbStore({ path: join(scratch.folder, `s${stores++}`), project: 'nyc' });
  return () => store.close();
});

const into = (view: string, ...files: string[]): IngestOptions => ({
  checked,
  view,
  data: { files },
  stores: new Map([['online', store]]),
  signal,
});
const write = (view: string, ...files: string[]): Promise<IngestResult> => ingest(into(view, ...files));
const read = (table: string, key: string, ...fields: FieldSpec[]): unknown[] => {
  const block = store.source(table).fetch({ count: 1, text: [key] }, fields, { asOfMs: 0, deadlineMs: 0, signal });
  return (block as Columns).values.map(([value]) => value);
};

const YEAR: FieldSpec = { name: 'year', type: 'int64' };
const PLANE: FieldSpec[] = [YEAR, { name: 'heavy', type: 'bool' }, { name: 'since', type: 'timestamp' }];

describe('ingest', () => {
  test('CSV, JSONL and Parquet give the same rows', async () => {
    const files = [
      await scratch.text('p.csv', 'tailnum,year,heavy,since,_ts\nN1|2,2004,true,2013-05-05T13:00:00Z,2013-01-01\n'),
      await scratch.text(
        'p.jsonl',
        '{"tailnum":"N1|2","year":2004,"heavy":true,"since":"2013-05-05T13:00:00Z","_ts":"2013-01-01T00:00:00Z"}\n',
      ),
      await scratch.parquet(
        'p.parquet',
        `SELECT 'N1|2' tailnum, 2004 AS year, true heavy, TIMESTAMPTZ '2013-05-05 13:00:00Z' since, DATE '2013-01-01' _ts`,
      ),
    ];
    for (const file of files) {
      await write('plane', await scratch.text('clear.csv', 'tailnum,year,heavy,since\nN1|2,,,\n'));
      expect(await write('plane', file)).toMatchObject({ rows: 1, stores: [{ written: 1 }], bad: 0, ignored: [] });
      expect(read('plane', 'N1%7C2', ...PLANE)).toEqual([2004, 1, Date.UTC(2013, 4, 5, 13)]);
    }
  });

  test('keys of several parts are written as a request reads them', async () => {
    const file = await scratch.text('h.csv', 'hour,n,mean\n2013-05-05T09:00:00-04:00,9007199254740993,0.5\n');
    await write('hourly', file);
    expect(read('hourly', '9007199254740993|2013-05-05T13:00:00Z', { name: 'mean', type: 'double' })).toEqual([0.5]);
  });

  test('bad rows are counted and listed with line, column and problem, and the others written', async () => {
    const rows = ['N1,x,true,', 'N2,2004,true,', ',2004,true,', 'N3,1.5,maybe,', `${'N'.repeat(3000)},1,true,`];
    const file = await scratch.text('bad.csv', ['tailnum,year,heavy,since', ...rows, ''].join('\n'));
    const result = await write('plane', file);
    expect(result).toMatchObject({ rows: 5, stores: [{ written: 1, kept: 0 }], bad: 4 });
    expect(
      result.listed.map(({ unit, place, problems }) => [unit, place, ...problems.map(({ column }) => column)]),
    ).toEqual([
      ['line', 2, 'year'],
      ['line', 4, 'tailnum'],
      ['line', 5, 'year', 'heavy'],
      ['line', 6, undefined],
    ]);
    expect(result.listed[0]).toMatchObject({ file, problems: [{ problem: 'must be a whole number, is "x"' }] });
    expect(read('plane', 'N2', YEAR)).toEqual([2004]);
    expect(read('plane', 'N3', YEAR)).toEqual([Number.NaN]);
  });

  test('a missing column is named with the nearest, before anything is written', async () => {
    const file = await scratch.text('near.csv', 'tail_num,year,heavy,since\nN1,1,true,\n');
    await expect(write('plane', file)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/no column "tailnum"; is "tail_num" meant/),
    });
    expect(await store.isEmpty('plane')).toBe(true);
  });

  test('other columns are ignored and told', async () => {
    const file = await scratch.text('more.csv', 'tailnum,year,heavy,since,seats\nN1,1,true,,4\n');
    expect((await write('plane', file)).ignored).toEqual([{ file, columns: ['seats'] }]);
  });

  test('a table of several views takes the fields of all of them, by table or by view', async () => {
    const file = await scratch.text('a.csv', 'faa,tz,name\nJFK,-5,Kennedy\n');
    for (const name of ['airport', 'away']) {
      await write(name, file);
      expect(read('airport', 'JFK', { name: 'tz', type: 'int64' }, { name: 'name', type: 'string' })).toEqual([
        -5,
        'Kennedy',
      ]);
    }
  });

  test('an unknown name says the nearest', async () => {
    await expect(write('plan', scratch.path('a.csv'))).rejects.toMatchObject({
      message: '"plan" is no view and no table, did you mean `plane`?.',
    });
  });

  test('progress knows the total of Parquet files and ends', async () => {
    const select = `SELECT 'N' || i AS tailnum, i AS year, true heavy, NULL::TIMESTAMP since FROM range(40000) r(i)`;
    const reports: ProgressReport[] = [];
    const files = [await scratch.parquet('n.parquet', select)];
    await ingest({
      ...into('plane', ...files),
      onProgress: (report) => reports.push(report),
    });
    expect(reports).toEqual([
      { rows: 32_768, totalRows: 40_000, done: false },
      { rows: 40_000, totalRows: 40_000, done: false },
      { rows: 40_000, totalRows: undefined, done: true },
    ]);
    expect(read('plane', 'N39999', YEAR)).toEqual([39_999]);
  });

  test('a cancelled ingest stops', async () => {
    const file = await scratch.text('c.csv', 'tailnum,year,heavy,since\nN1,1,true,\n');
    const cancelled = ingest({
      ...into('plane', file),
      signal: AbortSignal.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('dev.fill', () => {
  test('fills what is empty, and only that', async () => {
    await scratch.text('airports.csv', 'faa,tz,name\nJFK,-5,Kennedy\nLAX,-8,LA\n');
    await scratch.text('planes.csv', 'tailnum,year,heavy,since\nN1,2004,true,\n');
    const open = new Map([['online', store]]);
    expect(await fillStores(checked, open, signal)).toEqual([
      { table: 'airport', rows: 2 },
      { table: 'plane', rows: 1 },
    ]);
    expect(await fillStores(checked, open, signal)).toEqual([]);
  });

  test('a bad row is an error that names it', async () => {
    await scratch.text('airports.csv', 'faa,tz,name\nJFK,east,Kennedy\n');
    const filling = fillStores(checked, new Map([['online', store]]), signal);
    await expect(filling).rejects.toThrow(
      'dev.fill: airports.csv, line 2, column tz: must be a whole number, is "east"',
    );
  });
});
