import { existsSync } from 'node:fs';
import { readFile, utimes } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../foundation/errors.ts';
import type { IngestOptions, IngestResult } from '../../../data/ingest/ingest.ts';
import { lines, openPlanes, type Planes } from './planes.ts';

/** Runs until `batches` of ten rows are written, as whoever asks for an end does. */
function runFor(
  batches: number,
  planes: Planes,
  files: string[],
  options: Partial<IngestOptions>,
): Promise<IngestResult> {
  const stop = new AbortController();
  let seen = 0;
  const onProgress = ({ done }: { done: boolean }): void => {
    if (!done && ++seen === batches) stop.abort();
  };
  return planes.run(files, { batchRows: 10, stop: stop.signal, onProgress, ...options });
}

/** The keys that are written by what runs. */
function watchWrites(planes: Planes): string[] {
  const written: string[] = [];
  const store = planes.stores.get('online')!;
  const sinkOf = store.sink.bind(store);
  store.sink = (...args) => {
    const sink = sinkOf(...args);
    return {
      write(rows, options) {
        written.push(...rows.map(({ key }) => key));
        return sink.write(rows, options);
      },
    };
  };
  return written;
}

describe('a checkpoint', () => {
  test('has the ingest go on behind the last batch, over files, with its counts, and is gone at the end', async () => {
    await using planes = await openPlanes('online');
    const files = [await planes.csv('a.csv', ...lines(0, 25, 10)), await planes.csv('b.csv', ...lines(25, 60, 10))];
    const file = planes.scratch.path('checkpoint.json');
    const checkpoint = { file, identity: {} };
    const rejects = planes.scratch.path('rejects.jsonl');
    const first = await runFor(4, planes, files, { checkpoint, rejects });
    expect(first).toMatchObject({ rows: 35, resumed: 0, bad: 3, ended: 'stopped', stores: [{ written: 32 }] });
    const written = watchWrites(planes);
    const second = await planes.run(files, { batchRows: 10, checkpoint, rejects });
    expect(second).toMatchObject({ rows: 60, resumed: 35, bad: 6, ended: 'done', stores: [{ written: 54 }] });
    expect(written).toEqual(Array.from({ length: 25 }, (_, at) => `N${35 + at}`).filter((key) => !key.endsWith('9')));
    const rejected = (await readFile(rejects, 'utf8')).trim().split('\n');
    expect(rejected.map((line) => (JSON.parse(line) as { row: { tailnum: string } }).row.tailnum)).toEqual(
      [9, 19, 29, 39, 49, 59].map((plane) => `N${plane}`),
    );
    expect(existsSync(file)).toBe(false);
  });

  test.each(['csv', 'jsonl', 'parquet', 'arrow', 'sql'])('goes on in %s in the middle of a chunk', async (format) => {
    await using planes = await openPlanes('online');
    const select = `SELECT 'N' || i AS tailnum, i AS year, 2 * i AS twice FROM range(5000) r(i)`;
    const { scratch } = planes;
    const rows = Array.from({ length: 5000 }, (_, at) => ({ tailnum: `N${at}`, year: at, twice: 2 * at }));
    const data = async (): Promise<IngestOptions['data']> => {
      switch (format) {
        case 'csv':
          return { files: [await planes.csv('p.csv', ...lines(0, 5000))] };
        case 'jsonl':
          return { files: [await scratch.text('p.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))] };
        case 'parquet':
          return { files: [await scratch.parquet('p.parquet', select)] };
        case 'arrow': {
          const { tableFromJSON, tableToIPC } = await import('apache-arrow');
          return { files: [await scratch.bytes('p.arrow', tableToIPC(tableFromJSON(rows), 'file'))] };
        }
        default:
          return { sql: select };
      }
    };
    const checkpoint = { file: scratch.path('c.json'), identity: {} };
    const options = { data: await data(), checkpoint, batchRows: 3000 };
    const stop = new AbortController();
    const first = await planes.run([], { ...options, stop: stop.signal, onProgress: () => stop.abort() });
    expect(first).toMatchObject({ ended: 'stopped' });
    expect(first.rows).toBeGreaterThanOrEqual(3000);
    const written = watchWrites(planes);
    const second = await planes.run([], options);
    expect(second).toMatchObject({ rows: 5000, resumed: first.rows, ended: 'done' });
    expect(written).toEqual(Array.from({ length: 5000 - first.rows }, (_, at) => `N${first.rows + at}`));
  });

  test('of SQL that gives other rows than before is refused', async () => {
    await using planes = await openPlanes('online');
    const table = await planes.csv('p.csv', ...lines(0, 100));
    const data = { sql: `FROM '${table.replaceAll("'", "''")}'` };
    const checkpoint = { file: planes.scratch.path('c.json'), identity: {} };
    await runFor(1, planes, [], { data, checkpoint });
    await planes.csv('p.csv', ...lines(1, 100));
    await expect(planes.run([], { data, checkpoint, batchRows: 10 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(
        'other rows than before its checkpoint: have it give them in one order (ORDER BY)',
      ),
    });
  });

  test('is of the same command only', async () => {
    await using planes = await openPlanes('online');
    const file = await planes.csv('p.csv', ...lines(0, 100));
    const other = await planes.csv('q.csv', ...lines(0, 100));
    const checkpoint = { file: planes.scratch.path('c.json'), identity: { place: 'here' } };
    await runFor(2, planes, [file], { checkpoint });
    const refused = async (options: Partial<IngestOptions>, files = [file]): Promise<string> => {
      const refusal = await planes.run(files, { checkpoint, ...options }).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'INVALID_INPUT' });
      return (refusal as Error).message;
    };
    expect(await refused({ sink: { newest: false, expiryMs: 5 } }).catch(String)).toMatch(
      /do not expire|--expiry was none/,
    );
    expect(await refused({}, [other])).toMatch(/its files was .*p\.csv, and is .*q\.csv now\. Run the command of the/);
    expect(await refused({ rejects: planes.scratch.path('r.jsonl') })).toContain('its --rejects was none');
    expect(await refused({ stores: new Map() })).toContain('its stores was online, and is none now');
    expect(await refused({ checkpoint: { ...checkpoint, identity: { place: 'there' } } })).toContain(
      'its place was here',
    );
    await utimes(file, new Date(), new Date(2020, 1, 1));
    expect(await refused({})).toMatch(/its .*p\.csv \(1\) was \d+ bytes of .*, and is \d+ bytes of 2020/);
  });

  test('goes on with more bad rows allowed, after there were too many', async () => {
    await using planes = await openPlanes('online');
    const file = await planes.csv('p.csv', ...lines(0, 100, 10));
    const options = { batchRows: 25, checkpoint: { file: planes.scratch.path('c.json'), identity: {} } };
    expect(await planes.run([file], { ...options, maxErrors: 3 })).toMatchObject({ rows: 40, bad: 4 });
    expect(await planes.run([file], { ...options, maxErrors: 10 })).toMatchObject({
      rows: 100,
      resumed: 25,
      bad: 10,
      ended: 'done',
      stores: [{ written: 90 }],
    });
  });

  test.each([
    ['text', 'tailnum,year\n'],
    ['JSON of something else', '{"rows":1}'],
    ['half a checkpoint', '{"kind":"checkpoint of tandem ingest, format 1"'],
  ])('that is %s is refused, and left', async (_, text) => {
    await using planes = await openPlanes('online');
    const file = await planes.scratch.text('c.json', text);
    const running = planes.run([await planes.csv('p.csv', 'N1,1,2')], { checkpoint: { file, identity: {} } });
    await expect(running).rejects.toMatchObject({
      message: expect.stringContaining('is no checkpoint of tandem ingest'),
    });
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(planes.read('N1')).toBeNull();
  });

  test('is told of where a store fails', async () => {
    await using planes = await openPlanes('online');
    const file = await planes.csv('p.csv', ...lines(0, 100));
    const store = planes.stores.get('online')!;
    const sinkOf = store.sink.bind(store);
    store.sink = (...args) => {
      const sink = sinkOf(...args);
      const refusal = new AppError('FEATURE_UNAVAILABLE', 'The store "online" cannot be reached.');
      return {
        write: (rows, how) => (rows[0].key === 'N20' ? Promise.reject(refusal) : sink.write(rows, how)),
      };
    };
    const checkpoint = { file: planes.scratch.path('c.json'), identity: {} };
    await expect(planes.run([file], { checkpoint, batchRows: 10 })).rejects.toMatchObject({
      code: 'FEATURE_UNAVAILABLE',
      message:
        'The store "online" cannot be reached. The first 20 rows are written, and the same command goes on behind them.',
    });
    await expect(planes.run([file], { batchRows: 10 })).rejects.toMatchObject({
      message: 'The store "online" cannot be reached. The first 20 rows are written.',
    });
    expect(existsSync(checkpoint.file)).toBe(true);
  });
});
