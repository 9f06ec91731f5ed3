import { mkdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { ProgressReport } from '../../../data/progress.ts';
import type { Row } from '../../../orchestrator/features/source.ts';
import { lines, openPlanes } from './planes.ts';

describe('several stores', () => {
  test('have the same rows, of one reading', async () => {
    await using planes = await openPlanes('online', 'spare');
    const result = await planes.run([await planes.csv('p.csv', ...lines(0, 100, 10))]);
    expect(result.stores).toEqual([
      { name: 'online', written: 90, kept: 0 },
      { name: 'spare', written: 90, kept: 0 },
    ]);
    expect(['online', 'spare'].map((store) => planes.read('N98', store))).toEqual([
      [98, 196],
      [98, 196],
    ]);
  });

  test('are behind a checkpoint only when all have what is before it', async () => {
    await using planes = await openPlanes('online', 'spare');
    const checkpoint = { file: planes.scratch.path('c.json'), identity: {} };
    const options = { checkpoint, batchRows: 10 };
    const file = await planes.csv('p.csv', ...lines(0, 100));
    const spare = planes.stores.get('spare')!;
    const sinkOf = spare.sink.bind(spare);
    spare.sink = (...args) => {
      const sink = sinkOf(...args);
      const write = (rows: readonly Row[], how: { signal: AbortSignal }): Promise<number> =>
        rows.some(({ key }) => key === 'N35') ? Promise.reject(new Error('the disk is full')) : sink.write(rows, how);
      return { write };
    };
    await expect(planes.run([file], options)).rejects.toThrow('the disk is full');
    expect([planes.read('N35'), planes.read('N35', 'spare')]).toEqual([[35, 70], null]);
    spare.sink = sinkOf;
    expect(await planes.run([file], options)).toMatchObject({ rows: 100, resumed: 30 });
    expect(planes.read('N35', 'spare')).toEqual([35, 70]);
  });
});

describe('the newest row', () => {
  test('stays, told apart from those written', async () => {
    await using planes = await openPlanes('online');
    const timed = (name: string, day: number, twice: number): Promise<string> =>
      planes.scratch.text(name, `tailnum,year,twice,_ts\nN1,1,${twice},2013-01-05\nN2,1,${twice},2013-01-0${day}\n`);
    const sink = { newest: true };
    await planes.run([await timed('new.csv', 5, 5)], { sink });
    const result = await planes.run([await timed('old.csv', 4, 4)], { sink });
    expect(result).toMatchObject({ rows: 2, bad: 0, stores: [{ written: 1, kept: 1 }] });
    expect([planes.read('N1'), planes.read('N2')]).toEqual([
      [1, 4],
      [1, 5],
    ]);
  });

  test('is known by a time: data without one is refused before anything is written', async () => {
    await using planes = await openPlanes('online');
    const running = planes.run([await planes.csv('p.csv', 'N1,1,2')], { sink: { newest: true } });
    await expect(running).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/p\.csv has no column "_ts", by which the newest row is known; --map _ts=COLUMN/),
    });
  });
});

test('an expiry is refused by a store that knows none', async () => {
  await using planes = await openPlanes('online');
  const running = planes.run([await planes.csv('p.csv', 'N1,1,2')], { sink: { expiryMs: 1000 } });
  await expect(running).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: 'Rows of an lmdb store do not expire.',
  });
});

test('without a store all is done but writing', async () => {
  await using planes = await openPlanes();
  const rejects = planes.scratch.path('rejects.jsonl');
  const result = await planes.run([await planes.csv('p.csv', ...lines(0, 100, 10))], { maxErrors: 5, rejects });
  expect(result).toMatchObject({ rows: 60, bad: 6, stores: [], ended: 'too many bad rows' });
});

describe('columns of another name', () => {
  const names = new Map([
    ['tailnum', 'tail number'],
    ['year', 'built'],
    ['_ts', 'seen'],
  ]);

  test('are read under the names that are mapped', async () => {
    await using planes = await openPlanes('online');
    const file = await planes.scratch.text(
      'p.csv',
      'tail number,built,twice,seen,year\nN1,x,2,2013-01-05,7\nN2,4,8,,7\n',
    );
    const result = await planes.run([file], { names });
    expect(result).toMatchObject({ bad: 1, ignored: [{ file, columns: ['year'] }] });
    expect(result.listed[0]).toMatchObject({
      problems: [{ column: 'built' }],
      row: { 'tail number': 'N1', built: 'x' },
    });
    expect(planes.read('N2')).toEqual([4, 8]);
  });

  test('that are not there are named, and so are fields that the view has not', async () => {
    await using planes = await openPlanes('online');
    const file = await planes.scratch.text('p.csv', 'tail number,bilt,twice\nN1,1,2\n');
    await expect(planes.run([file], { names: new Map([...names].slice(0, 2)) })).rejects.toThrow(
      'has no column "built"; is "bilt" meant? --map year=bilt',
    );
    await expect(planes.run([file], { names: new Map([['yaer', 'bilt']]) })).rejects.toThrow(
      '--map yaer: rows of table "plane" have no such field, did you mean `year`?.',
    );
    await expect(planes.run([file], { names: new Map([['_ts', 'seen']]) })).rejects.toThrow('no column');
  });
});

describe('files', () => {
  test('are found by patterns, in the order of their names; one of just that name goes before', async () => {
    await using planes = await openPlanes('online');
    await mkdir(planes.scratch.path('days'));
    for (const day of [3, 1, 2]) await planes.csv(`days/${day}.csv`, `N1,${day},${2 * day}`, `N${day},x,1`);
    const result = await planes.run([planes.scratch.path('days/*.csv')]);
    expect(result.listed.map(({ file }) => file.at(-5))).toEqual(['1', '2', '3']);
    expect(planes.read('N1')).toEqual([3, 6]);
    const odd = await planes.csv('[1].csv', 'N1,9,18');
    await planes.run([odd]);
    expect(planes.read('N1')).toEqual([9, 18]);
  });

  test('that match nothing, or are not there, are told', async () => {
    await using planes = await openPlanes('online');
    await expect(planes.run([planes.scratch.path('*.parquet')])).rejects.toThrow(/No file matches .*\*\.parquet/);
    await expect(planes.run([planes.scratch.path('gone.csv')])).rejects.toThrow('gone.csv cannot be read: there is no');
  });

  test('that do not all fit the view leave nothing written', async () => {
    await using planes = await openPlanes('online');
    const good = await planes.csv('good.csv', 'N1,1,2');
    const other = await planes.scratch.text('other.csv', 'tailnum,year\nN2,1\n');
    await expect(planes.run([good, other])).rejects.toThrow('other.csv has no column "twice"');
    expect(planes.read('N1')).toBeNull();
  });

  test('that break off on the way are told with what was written by then', async () => {
    await using planes = await openPlanes('online');
    const { gzipSync } = await import('node:zlib');
    const packed = gzipSync(['tailnum,year,twice', ...lines(0, 200_000)].join('\n'));
    const file = await planes.scratch.bytes('p.csv.gz', packed.subarray(0, packed.length - 1000));
    await expect(planes.run([file], { batchRows: 1000 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/p\.csv\.gz cannot be read: .*\. The first 1\d\d,000 rows are written\.$/),
    });
    expect(planes.read('N100000')).toEqual([100_000, 200_000]);
  });
});

describe('progress', () => {
  test.each([1, 2])('of text says about how many rows there are, by the bytes of %d files', async (files) => {
    await using planes = await openPlanes('online');
    const reports: ProgressReport[] = [];
    const paths: string[] = [];
    for (let at = 0; at < files; at++) {
      const named = lines(at * 40_000, (at + 1) * 40_000);
      paths.push(await planes.csv(`${at}.csv`, ...named));
    }
    await planes.run(paths, { batchRows: 2000, onProgress: (report) => reports.push(report) });
    const told = reports.slice(0, -1).map(({ rows, totalRows = Number.NaN }) => ({ rows, totalRows }));
    expect(told.every(({ totalRows }) => totalRows > files * 20_000 && totalRows < files * 60_000)).toBe(true);
    expect(told.at(-1)).toEqual({ rows: files * 40_000, totalRows: files * 40_000 });
    expect(reports.at(-1)).toMatchObject({ done: true });
  });
});
