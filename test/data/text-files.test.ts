import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRowFile } from '../../data/open-file.ts';
import { readLines, type LineBlock } from '../../data/text-lines.ts';
import { openScratch, readAll, type Scratch } from './scratch.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(() => scratch.remove());

async function brokenRows(file: string): Promise<unknown[]> {
  const broken: unknown[] = [];
  for await (const chunk of (await openRowFile(file)).chunks()) {
    for (const [row, { problem, text }] of chunk.broken) broken.push([chunk.place(row), problem, text]);
  }
  return broken;
}

async function blocksOf(file: string): Promise<LineBlock[]> {
  const blocks: LineBlock[] = [];
  for await (const block of readLines(file)) blocks.push(block);
  return blocks;
}

describe('lines', () => {
  test('of a large file come in blocks, each whole, numbered on, with the share that is read', async () => {
    const lines = Array.from({ length: 200_000 }, (_, at) => `line ${at} é`);
    const blocks = await blocksOf(await scratch.text('large.txt', lines.join('\n')));
    expect(blocks.length).toBeGreaterThan(5);
    expect(blocks.flatMap((block) => block.lines)).toEqual(lines);
    expect(
      blocks.every(({ first }, at) => at === 0 || first === blocks[at - 1].first + blocks[at - 1].lines.length),
    ).toBe(true);
    const shares = blocks.flatMap((block) => [block.shareAt(1), block.shareAt(block.lines.length)]);
    expect(shares.toSorted((a, b) => a - b)).toEqual(shares);
    expect([shares[0] < 0.001, shares.at(-1)]).toEqual([true, 1]);
  });

  test('begin behind a byte-order mark', async () => {
    expect(await readAll(await scratch.text('mark.csv', '\uFEFFa,b\n1,2\n'))).toEqual([
      { place: 2, row: { a: '1', b: '2' } },
    ]);
  });

  test('that are longer than memory should hold are refused by number', async () => {
    const file = await scratch.text('long.txt', `short\n${'x'.repeat(17 * 1024 * 1024)}\n`);
    await expect(blocksOf(file)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/line 2 is longer than 16 MiB/),
    });
  });

  test('of an empty file are none', async () => {
    expect(await blocksOf(await scratch.text('empty.txt', ''))).toEqual([]);
  });
});

describe('packed text', () => {
  const csv = Buffer.from('a,b\n1,x\n2,y\n');
  const jsonl = Buffer.from('{"a":1}\n{"a":2}\n');

  test.each([
    ['a.csv.gz', gzipSync(csv)],
    ['a.csv.zst', zstdCompressSync(csv)],
    ['a.csv.GZ', Buffer.concat([gzipSync(csv.subarray(0, 5)), gzipSync(csv.subarray(5))])],
  ])('%s is read as CSV', async (name, bytes) => {
    expect((await readAll(await scratch.bytes(name, bytes))).map(({ row }) => row)).toEqual([
      { a: '1', b: 'x' },
      { a: '2', b: 'y' },
    ]);
  });

  test.each([
    ['a.jsonl.gz', gzipSync(jsonl)],
    ['a.ndjson.zst', zstdCompressSync(jsonl)],
  ])('%s is read as JSONL', async (name, bytes) => {
    expect((await readAll(await scratch.bytes(name, bytes))).map(({ row }) => row)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test.each([
    ['cut.csv.gz', gzipSync(csv).subarray(0, 20)],
    ['other.csv.gz', csv],
    ['other.csv.zst', csv],
  ])('%s, damaged, is refused', async (name, bytes) => {
    await expect(readAll(await scratch.bytes(name, bytes))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(`${name} cannot be read`),
    });
  });

  test.each(['a.parquet.gz', 'a.arrow.zst'])(
    '%s is refused: such files pack their columns themselves',
    async (name) => {
      await expect(openRowFile(scratch.path(name))).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringContaining('only CSV and JSONL are read packed'),
      });
    },
  );
});

describe('CSV', () => {
  test('with another delimiter, spaces and blank lines around', async () => {
    const file = await scratch.text('semicolons.csv', '\na;b c\r\n1,5; x \r\n\r\n2;\r\n');
    expect(await readAll(file)).toEqual([
      { place: 3, row: { a: '1,5', 'b c': ' x ' } },
      { place: 5, row: { a: '2', 'b c': null } },
    ]);
  });

  test('of one column has a row for a blank line', async () => {
    expect((await readAll(await scratch.text('one.csv', 'a\n1\n\n2\n'))).map(({ row }) => row)).toEqual([
      { a: '1' },
      { a: null },
      { a: '2' },
    ]);
  });

  test('has rows that are wrong, each with its line and text, and the others', async () => {
    const text = 'a,b\n1,2\n1,2,3\n"1"2,3\n1\n4,"5\n6,7\n';
    const file = await scratch.bytes(
      'wrong.csv',
      Buffer.concat([Buffer.from(text), Buffer.of(0x38, 0x2c, 0xff, 0x0a)]),
    );
    expect(await brokenRows(file)).toEqual([
      [3, 'has 3 cells, and the header 2', '1,2,3'],
      [4, 'has text behind a closing quote', '"1"2,3'],
      [5, 'has 1 cells, and the header 2', '1'],
      [6, 'has a quote that is never closed', '4,"5'],
      [8, 'is not UTF-8', '8,\uFFFD'],
    ]);
    expect((await readAll(file)).filter(({ row }) => row['b'] !== null)).toEqual([
      { place: 2, row: { a: '1', b: '2' } },
      { place: 7, row: { a: '6', b: '7' } },
    ]);
  });

  test.each([
    ['none.csv', '', 'none.csv is empty'],
    ['blank.csv', '\n\n', 'blank.csv is empty'],
    ['twice.csv', 'a,b,a\n', 'has two columns "a"'],
    ['quote.csv', '"a"x,b\n', 'line 1 has text behind a closing quote'],
  ])('%s is refused', async (name, text, said) => {
    await expect(openRowFile(await scratch.text(name, text))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(said),
    });
  });

  test.each([0, 1, 4000, 4999, 5000, 6000])('%d rows may be passed over', async (from) => {
    const rows = Array.from({ length: 5000 }, (_, at) => `${at},x`);
    const opened = await openRowFile(await scratch.text('skip.csv', ['a,b', ...rows].join('\n')));
    const seen: [number, unknown][] = [];
    for await (const chunk of opened.chunks({ from })) {
      for (let row = 0; row < chunk.rows; row++) seen.push([chunk.place(row), chunk.cells[0][row]]);
    }
    expect(seen).toEqual(rows.slice(from).map((_, at) => [from + at + 2, String(from + at)]));
  });
});

test('JSONL says which lines are no objects, with their text', async () => {
  const bytes = Buffer.concat([
    Buffer.from('{"a":1}\n[1]\n{"a":\n{"a":"'),
    Buffer.of(0xff),
    Buffer.from('"}\n{"a":2}\n'),
  ]);
  const file = await scratch.bytes('wrong.jsonl', bytes);
  expect(await brokenRows(file)).toEqual([
    [2, 'is not a JSON object', '[1]'],
    [3, 'is not a JSON object', '{"a":'],
    [4, 'is not UTF-8', '{"a":"\uFFFD"}'],
  ]);
  expect((await readAll(file)).map(({ row }) => row['a'])).toEqual([1, undefined, undefined, undefined, 2]);
});
