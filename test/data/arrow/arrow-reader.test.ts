import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRowFile } from '../../../data/open-file.ts';
import { openScratch, readAll, type Scratch } from '../scratch.ts';

const here = (name: string): string => new URL(name, import.meta.url).pathname;

let scratch: Scratch;
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(() => scratch.remove());

/** The rows of make_fixtures.py as cells. */
const FIRST = {
  int8: 1,
  int64: '1', // all texts, where one of the column is beyond 2^53
  uint64: '1',
  float16: 1.5,
  float32: 0.5,
  float64: 0.1,
  decimal: -1.25,
  decimal256: -0.05,
  bool: 1,
  string: 'é',
  large_string: 'x',
  string_view: 'a view that is a long one',
  category: 'a',
  date32: Date.UTC(2013, 0, 1),
  date64: Date.UTC(2013, 0, 1),
  seconds: 1367758800000,
  microseconds: 1367758800123.456,
  nanoseconds: 1367758800123.4568,
  nothing: null,
  list: '',
  binary: '',
};
const THIRD = {
  int8: -3,
  int64: '9007199254740993',
  uint64: '9223372036854775808',
  float16: 2.5,
  float32: Number.NaN,
  float64: -0,
  decimal: 12345678901234568, // nearest to …567.89
  decimal256: 1,
  bool: 0,
  string: '',
  large_string: 'y',
  string_view: 'v',
  category: 'b',
  date32: -86_400_000,
  date64: -86_400_000,
  seconds: -1000,
  microseconds: -0.5,
  nanoseconds: -0.000001,
  nothing: null,
  list: '',
  binary: '',
};

describe('Arrow files', () => {
  test.each(['types-uncompressed.feather', 'types-lz4.feather', 'types-zstd.feather', 'types.arrows'])(
    '%s gives every type as its cells, whole numbers exact beyond 2^53, decimals as the nearest double',
    async (name) => {
      const rows = await readAll(here(name));
      expect(rows.map(({ place }) => place)).toEqual(name.endsWith('s') ? [1, 2, 3, 4, 5, 6] : [1, 2, 3]);
      expect(rows[0].row).toEqual(FIRST);
      expect(Object.values(rows[1].row).every((cell) => cell === null || Number.isNaN(cell))).toBe(true);
      expect(rows[2].row).toEqual(THIRD);
    },
  );

  test('columns say what they hold; lists and bytes are of no kind that is read', async () => {
    const { columns } = await openRowFile(here('types-lz4.feather'));
    const kinds = Object.groupBy(columns, ({ kind }) => kind);
    const names = Object.fromEntries(Object.entries(kinds).map(([kind, each]) => [kind, each.map(({ name }) => name)]));
    expect(names).toEqual({
      int64: ['int8', 'int64', 'uint64'],
      double: ['float16', 'float32', 'float64', 'decimal', 'decimal256'],
      bool: ['bool'],
      string: ['string', 'large_string', 'string_view', 'category', 'nothing'],
      timestamp: ['date32', 'date64', 'seconds', 'microseconds', 'nanoseconds'],
      other: ['list', 'binary'],
    });
  });

  test('buffers of many LZ4 blocks are what was written, in several batches', async () => {
    const rows = await readAll(here('many-lz4.feather'));
    expect(rows).toEqual(
      Array.from({ length: 20_000 }, (_, at) => ({
        place: at + 1,
        row: { tailnum: `N${at % 100}`, year: 1990 + (at % 30) },
      })),
    );
  });

  test('rows may be passed over, columns left unread, and a file knows how much of it is read', async () => {
    const opened = await openRowFile(here('many-lz4.feather'));
    const shares: (number | undefined)[] = [];
    const places: number[] = [];
    let rows = 0;
    for await (const chunk of opened.chunks({ from: 14_999, wanted: new Set([1]) })) {
      places.push(chunk.place(0));
      expect(chunk.cells[0]).toHaveLength(0);
      expect(chunk.cells[1]).toHaveLength(chunk.rows);
      rows += chunk.rows;
      shares.push(chunk.share);
    }
    expect(rows).toBe(5001);
    expect(places[0]).toBe(15_000);
    expect(shares[0]).toBe(0.5);
    expect(shares.at(-1)).toBe(1);
  });

  test('a stream without rows has columns', async () => {
    const bytes = await readFile(here('types.arrows'));
    // The schema's message: its length stands behind the mark of a message.
    await scratch.bytes('none.arrows', bytes.subarray(0, 8 + bytes.readInt32LE(4)));
    const opened = await openRowFile(scratch.path('none.arrows'));
    expect(opened.columns).toHaveLength(21);
    expect(await readAll(scratch.path('none.arrows'))).toEqual([]);
  });

  test.each([
    ['gone.arrow', undefined, /gone\.arrow cannot be read: there is no such file/],
    ['empty.arrow', Buffer.alloc(0), /neither an Arrow file nor an Arrow stream/],
    ['text.arrow', Buffer.from('tailnum,year\nN1,2004\n'), /neither an Arrow file nor an Arrow stream/],
    ['old.feather', Buffer.from('FEA1 and more'), /Feather file of version 1.*write_feather/],
  ])('%s is refused by what it is', async (name, bytes, said) => {
    if (bytes) await scratch.bytes(name, bytes);
    await expect(openRowFile(scratch.path(name))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(said),
    });
  });

  test.each([0.1, 0.3, 0.5, 0.9])('a file that was cut off at %d is refused, opened or read', async (share) => {
    const bytes = await readFile(here('types-lz4.feather'));
    await scratch.bytes('cut.feather', bytes.subarray(0, Math.floor(bytes.length * share)));
    await expect(readAll(scratch.path('cut.feather'))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('cut.feather cannot be read'),
    });
  });

  test('damaged LZ4 data is refused, not read as something else', async () => {
    const bytes = await readFile(here('many-lz4.feather'));
    const frame = bytes.indexOf(Buffer.of(0x04, 0x22, 0x4d, 0x18));
    bytes.fill(0xff, frame + 7, frame + 10); // the length of the first block
    await scratch.bytes('damaged.feather', bytes);
    await expect(readAll(scratch.path('damaged.feather'))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('the LZ4 data is damaged'),
    });
  });
});
