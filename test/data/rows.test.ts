import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { array, asyncProperty, assert, double, option, record, string } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRowFile } from '../../data/open-file.ts';
import { openTableWriter } from '../../data/table-writer.ts';
import { openScratch, readAll, type Scratch } from './scratch.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(() => scratch.remove());

describe('reading files', () => {
  test('Parquet keeps its types: whole numbers exact beyond 2^53, moments in ms, null as NaN or null', async () => {
    const file = await scratch.parquet(
      'types.parquet',
      `SELECT * FROM (VALUES
        (9007199254740993, 1.5::FLOAT, true, 'é', TIMESTAMPTZ '2013-05-05 09:00:00-04', DATE '2013-01-01'),
        (NULL, NULL, NULL, NULL, NULL, NULL)) t(big, half, flag, word, moment, day)`,
    );
    const opened = await openRowFile(file);
    expect(opened.columns.map(({ kind }) => kind)).toEqual([
      'int64',
      'double',
      'bool',
      'string',
      'timestamp',
      'timestamp',
    ]);
    expect(opened.totalRows).toBe(2);
    opened.close();
    const [first, second] = (await readAll(file)).map(({ row }) => Object.values(row));
    expect(first).toEqual(['9007199254740993', 1.5, 1, 'é', Date.UTC(2013, 4, 5, 13), Date.UTC(2013, 0, 1)]);
    expect(second).toEqual([null, Number.NaN, Number.NaN, null, Number.NaN, Number.NaN]);
  });

  test('CSV guesses no type; an empty cell is null, a quoted one the empty string; places are lines', async () => {
    const file = await scratch.text('a.csv', 'a,b\n007,x\n,""\n"1,5",NULL\n');
    expect(await readAll(file)).toEqual([
      { place: 2, row: { a: '007', b: 'x' } },
      { place: 3, row: { a: null, b: '' } },
      { place: 4, row: { a: '1,5', b: 'NULL' } },
    ]);
  });

  test('JSONL gives values as they are, and says which line is none', async () => {
    const file = await scratch.text('a.jsonl', '{"a":1}\n\n{"a":"x","b":null}\n[1]\n{"a":\n');
    const opened = await openRowFile(file);
    for await (const chunk of opened.chunks()) {
      expect([0, 1, 2, 3].map((row) => chunk.place(row))).toEqual([1, 3, 4, 5]);
      expect(chunk.cells).toEqual([
        [1, 'x', undefined, undefined],
        [undefined, null, undefined, undefined],
      ]);
      expect([...chunk.broken.keys()]).toEqual([2, 3]);
    }
  });

  test('more rows than a chunk has keep their places', async () => {
    const file = await scratch.parquet('many.parquet', 'SELECT i FROM range(1, 5001) r(i)');
    const rows = await readAll(file);
    expect(rows.every(({ place, row }) => place === row['i'])).toBe(true);
    expect(rows.length).toBe(5000);
  });

  test.each([
    ['gone.parquet', 'gone.parquet'],
    ['gone.jsonl', 'gone.jsonl'],
    ['a.xlsx', 'ends in .parquet'],
  ])('%s is refused by name', async (name, said) => {
    const opening = openRowFile(scratch.path(name));
    await expect(opening).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining(said) });
  });
});

describe('writing files', () => {
  test.each(['parquet', 'jsonl', 'csv'])('numbers come back bit for bit from %s, NaN as null', async (format) => {
    const value = record({ number: option(double({ noNaN: true, noDefaultInfinity: true })), text: option(string()) });
    const isCsv = format === 'csv';
    await assert(
      asyncProperty(array(value, { minLength: 1, maxLength: 50 }), async (given) => {
        const file = scratch.path(`round.${format}`);
        const texts = given.map(({ text }) => (text === null ? null : text.replaceAll('\u0000', '')));
        const writer = await openTableWriter(file, [
          { name: 'number', type: 'double' },
          { name: 'text', type: 'string' },
        ]);
        // CSV has one text for null and nothing else: what it cannot tell apart is not compared.
        const written = isCsv ? texts.map(() => 'x') : texts;
        const numbersGiven = Float64Array.from(given, ({ number }) => number ?? Number.NaN);
        writer.append([numbersGiven, written], 0, given.length);
        await writer.finish();
        const rows = (await readAll(file)).map(({ row }) => row);
        const numbers = rows.map(({ number }) => (number === null || Number.isNaN(number) ? null : Number(number)));
        expect(numbers).toEqual(given.map(({ number }) => number));
        expect(rows.map(({ text }) => text)).toEqual(written);
      }),
      { numRuns: 8 },
    );
  });

  test('many small appends across chunks are the rows in their order, and only the file is left', async () => {
    const file = scratch.path('small.parquet');
    const writer = await openTableWriter(file, [
      { name: 'at', type: 'int64' },
      { name: 'when', type: 'timestamp' },
      { name: 'odd', type: 'bool' },
      { name: 'word', type: 'string' },
    ]);
    for (let at = 0; at < 3000; at += 3) {
      const ats = Float64Array.of(at, at + 1, at + 2);
      writer.append([ats, ats, ats.map((each) => each % 2), Array.from(ats, String)], 0, 3);
    }
    expect(existsSync(file)).toBe(false);
    await writer.finish();
    const rows = (await readAll(file)).map(({ row }) => row);
    expect(rows).toEqual(Array.from({ length: 3000 }, (_, at) => ({ at, when: at, odd: at % 2, word: String(at) })));
    expect([`${file}.staging`, `${file}.partial`].some((left) => existsSync(left))).toBe(false);
  });

  test.each(['csv', 'jsonl'])('timestamps in %s are RFC 3339', async (format) => {
    const file = scratch.path(`times.${format}`);
    const writer = await openTableWriter(file, [{ name: 'when', type: 'timestamp' }]);
    writer.append([Float64Array.of(Date.UTC(2013, 4, 5, 13) + 250, Number.NaN)], 0, 2);
    await writer.finish();
    const rows = await readAll(file);
    expect(rows.map(({ row }) => row['when'])).toEqual(['2013-05-05T13:00:00.250000Z', null]);
  });

  test('what is given up leaves no file, and the one before it as it was', async () => {
    const file = await scratch.text('kept.csv', 'old\n');
    const writer = await openTableWriter(file, [{ name: 'a', type: 'double' }]);
    writer.append([Float64Array.of(1)], 0, 1);
    await writer.abandon();
    expect(await readFile(file, 'utf8')).toBe('old\n');
    expect(existsSync(`${file}.staging`)).toBe(false);
  });
});
