import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { lines, openPlanes } from './planes.ts';

const read = async (file: string): Promise<unknown[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

describe('bad rows', () => {
  test('are as many as may be: the others are written, to the end', async () => {
    await using planes = await openPlanes('online');
    const file = await planes.csv('p.csv', ...lines(0, 100, 10));
    const result = await planes.run([file], { maxErrors: 10, batchRows: 30 });
    expect(result).toMatchObject({ rows: 100, bad: 10, ended: 'done', stores: [{ written: 90 }] });
    expect(planes.read('N98')).toEqual([98, 196]);
  });

  test.each([
    [0, 9],
    [1, 19],
    [5, 59],
  ])(
    'of which %d may be end the ingest at one more: what stands before it is written, nothing behind',
    async (maxErrors, last) => {
      await using planes = await openPlanes('online');
      const file = await planes.csv('p.csv', ...lines(0, 3000, 10));
      const result = await planes.run([file], { maxErrors, batchRows: 64 });
      expect(result).toMatchObject({ rows: last + 1, bad: maxErrors + 1, ended: 'too many bad rows' });
      expect(result.listed.map(({ place }) => place).at(-1)).toBe(last + 2);
      expect([last - 1, last, last + 1].map((plane) => planes.read(`N${plane}`))).toEqual([
        [last - 1, 2 * (last - 1)],
        null,
        null,
      ]);
    },
  );

  test('are listed up to a hundred, and counted all', async () => {
    await using planes = await openPlanes('online');
    const result = await planes.run([await planes.csv('p.csv', ...lines(0, 1000, 2))]);
    expect(result).toMatchObject({ rows: 1000, bad: 500, stores: [{ written: 500 }] });
    expect(result.listed).toHaveLength(100);
  });

  test('go to the rejects with place, problems and the row, or its text where it is none', async () => {
    await using planes = await openPlanes('online');
    const csv = await planes.csv('p.csv', 'N1,x,1.5', 'N2,2,4,', ',3,6', 'N4,4,8');
    const jsonl = await planes.scratch.text('p.jsonl', '{"tailnum":"N5","year":"?","twice":null}\n{"tailnum"\n');
    const parquet = await planes.scratch.parquet('p.parquet', `SELECT 'N6' tailnum, 1.5 AS year, NULL AS twice`);
    const rejects = planes.scratch.path('rejects.jsonl');
    const result = await planes.run([csv, jsonl, parquet], { rejects });
    expect(result).toMatchObject({ rows: 7, bad: 6 });
    expect(await read(rejects)).toEqual([
      {
        file: csv,
        unit: 'line',
        place: 2,
        problems: [
          { column: 'year', problem: 'must be a whole number, is "x"' },
          { column: 'twice', problem: 'must be a whole number, is "1.5"' },
        ],
        row: { tailnum: 'N1', year: 'x', twice: '1.5' },
      },
      {
        file: csv,
        unit: 'line',
        place: 3,
        problems: [{ problem: 'has 4 cells, and the header 3' }],
        text: 'N2,2,4,',
      },
      {
        file: csv,
        unit: 'line',
        place: 4,
        problems: [{ column: 'tailnum', problem: 'is null, and it is part of the key' }],
        row: { tailnum: null, year: '3', twice: '6' },
      },
      {
        file: jsonl,
        unit: 'line',
        place: 1,
        problems: [{ column: 'year', problem: 'must be a whole number, is "?"' }],
        row: { tailnum: 'N5', year: '?', twice: null },
      },
      { file: jsonl, unit: 'line', place: 2, problems: [{ problem: 'is not a JSON object' }], text: '{"tailnum"' },
      {
        file: parquet,
        unit: 'row',
        place: 1,
        problems: [{ column: 'year', problem: 'must be a whole number, is 1.5' }],
        row: { tailnum: 'N6', year: 1.5, twice: null },
      },
    ]);
  });

  test('that a store refuses go there too', async () => {
    await using planes = await openPlanes('online', 'spare');
    const long = 'N'.repeat(2000);
    const file = await planes.csv('p.csv', 'N1,1,2', `${long},2,4`, 'N3,3,6');
    const rejects = planes.scratch.path('rejects.jsonl');
    const result = await planes.run([file], { rejects });
    expect(result).toMatchObject({ rows: 3, bad: 1, stores: [{ written: 2 }, { written: 2 }] });
    expect(await read(rejects)).toMatchObject([
      {
        place: 3,
        problems: [{ problem: expect.stringMatching(/^the store "\w+" does not take it: The key/) }],
        row: { tailnum: long },
      },
    ]);
  });

  test('of a run before are not among the rejects of the next', async () => {
    await using planes = await openPlanes('online');
    const rejects = planes.scratch.path('rejects.jsonl');
    await planes.run([await planes.csv('bad.csv', 'N1,x,2')], { rejects });
    await planes.run([await planes.csv('good.csv', 'N1,1,2')], { rejects });
    expect(await read(rejects)).toEqual([]);
  });

  test('never go into the file that is read', async () => {
    await using planes = await openPlanes('online');
    const rejects = await planes.csv('p.csv', 'N1,1,2');
    await expect(planes.run([rejects], { rejects })).rejects.toThrow(/p\.csv is a file that is read: name another one/);
    expect(await planes.run([rejects])).toMatchObject({ rows: 1 });
  });

  test('need a folder for their rejects before anything is written', async () => {
    await using planes = await openPlanes('online');
    const file = await planes.csv('p.csv', 'N1,1,2');
    const running = planes.run([file], { rejects: planes.scratch.path('nowhere/rejects.jsonl') });
    await expect(running).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('rejects.jsonl cannot be written: there is no such folder'),
    });
    expect(planes.read('N1')).toBeNull();
  });
});
