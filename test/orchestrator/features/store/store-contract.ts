import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../../foundation/errors.ts';
import type { Row, Store } from '../../../../orchestrator/features/source.ts';
import type { Columns } from '../../../../orchestrator/plan/column.ts';
import { describeSource, FIELDS, FULL, read, statuses, type SourceTraits } from '../source-contract.ts';

/** An open store, and how a row's raw value gets into it past the sink, as another tool would write it. */
export interface StoreUnderTest {
  store: Store;
  writeRaw(table: string, key: string, value: string): Promise<void>;
  close(): Promise<void>;
}

export interface StoreTraits extends Pick<SourceTraits, 'isUntyped'> {
  /** Where the server under test has no way to list keys, which the store then says. */
  cannotList?: boolean;
}

/** What holds of every store, beside what holds of every source: the suite that each implementation runs. */
export function describeStore(
  name: string,
  open: () => Promise<StoreUnderTest>,
  { cannotList = false, ...traits }: StoreTraits = {},
): void {
  describeSource(name, { from: 'store', hasOwnTexts: true, ...traits }, async () => {
    const under = await open();
    return {
      source: (table) => under.store.source(table),
      write: async (table, ...rows) => {
        await under.store.sink(table).write(rows, { signal: new AbortController().signal });
      },
      writeRaw: (table, key, value) => under.writeRaw(table, key, value),
      close: () => under.close(),
    };
  });

  describe(`the store ${name}`, () => {
    let under: StoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    const write = (table: string, ...rows: Row[]): Promise<number> =>
      under.store.sink(table).write(rows, { signal: new AbortController().signal });
    const readFrom = (table: string, text: readonly string[], fields = FIELDS): Promise<Columns> =>
      read(under.store.source(table), text, fields);

    test('parts may be empty, and escapes are kept as they are', async () => {
      const keys = ['', '|', 'a%7Cb|c', 'Zürich|東京', '%00'];
      await write('keys', ...keys.map((key, at) => ({ key, values: { a_int64: at } })));
      expect([...(await readFrom('keys', keys, [FIELDS[1]])).values[0]]).toEqual([0, 1, 2, 3, 4]);
    });

    test('10,000 keys in one call', async () => {
      const keys = Array.from({ length: 10_000 }, (_, at) => `k${at}`);
      await write('many', ...keys.map((key, at) => ({ key, values: { a_double: at / 3 } })));
      const block = await readFrom('many', keys, [FIELDS[2]]);
      expect(block.rows).toBe(10_000);
      expect([...block.values[0]].every((value, at) => value === at / 3)).toBe(true);
    });

    test('a row that is written again is the new one as a whole', async () => {
      await write('again', FULL);
      await write('again', { key: 'full', values: { a_int64: 5 } });
      const block = await readFrom('again', ['full']);
      expect(statuses(block)).toEqual(['NULL_VALUE', 'PRESENT', 'NULL_VALUE', 'NULL_VALUE', 'NULL_VALUE']);
      expect(block.timestampMs[0]).toBeNaN();
    });

    test('tables do not see each other, also where one name begins with the other', async () => {
      expect(await under.store.isEmpty('apart')).toBe(true);
      await write('apart2', { key: 'a', values: { a_int64: 1 } });
      expect(await under.store.isEmpty('apart')).toBe(true);
      await write('apart', { key: 'b', values: { a_int64: 2 } });
      expect(await under.store.isEmpty('apart')).toBe(false);
      expect(statuses(await readFrom('apart', ['a'], [FIELDS[1]]))).toEqual(['NOT_FOUND']);
    });

    (cannotList ? testNoListing : testListing)(() => under.store);

    test('a key too long for the store is refused in writing, without a trace of its batch', async () => {
      const writing = write('long', { key: 'short', values: {} }, { key: 'k'.repeat(70_000), values: {} });
      await expect(writing).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('key') });
      expect(await under.store.isEmpty('long')).toBe(true);
    });

    test('a number that JSON cannot say is refused, not written as null', async () => {
      const writing = write('finite', { key: 'a', values: { a_double: Infinity } });
      await expect(writing).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(await under.store.isEmpty('finite')).toBe(true);
    });

    test('a cancelled request writes nothing', async () => {
      const writing = under.store.sink('none').write([FULL], { signal: AbortSignal.abort() });
      await expect(writing).rejects.toBeInstanceOf(AppError);
      expect(await under.store.isEmpty('none')).toBe(true);
    });
  });
}

/** Writes rows of these keys, and of no field. */
const writeKeys = (store: Store, table: string, ...keys: string[]): Promise<number> =>
  store.sink(table).write(
    keys.map((key) => ({ key, values: {} })),
    { signal: new AbortController().signal },
  );

const keysOf = (store: Store, table: string): AsyncIterable<readonly string[]> =>
  store.keys!(table, { signal: new AbortController().signal });

function testListing(storeOf: () => Store): void {
  test('lists the keys of a table, and of no other', async () => {
    const keys = Array.from({ length: 25_000 }, (_, at) => `k${at}|Zürich*[${at}]`);
    expect(await writeKeys(storeOf(), 'list.x', ...keys)).toBe(keys.length);
    await writeKeys(storeOf(), 'listox', 'other');
    const listed = new Set<string>();
    for await (const page of keysOf(storeOf(), 'list.x')) for (const key of page) listed.add(key);
    expect(listed).toEqual(new Set(keys));
  });
}

function testNoListing(storeOf: () => Store): void {
  test('says that it cannot list the keys of a table, and what to do', async () => {
    await writeKeys(storeOf(), 'listed', 'a');
    const listing = keysOf(storeOf(), 'listed')[Symbol.asyncIterator]();
    await expect(listing.next()).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/cannot list its keys: .*\. \w/),
    });
  });
}
