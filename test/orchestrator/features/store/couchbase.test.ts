import {
  connect,
  RawBinaryTranscoder,
  RawJsonTranscoder,
  type Cluster,
  type Collection,
  type Transcoder,
} from 'couchbase';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseJsonObject } from '../../../../foundation/json-object.ts';
import type { Row } from '../../../../orchestrator/features/source.ts';
import type { CouchbaseStoreOptions } from '../../../../orchestrator/features/store/couchbase.ts';
import { packedRows } from '../../../../orchestrator/features/store/packed-row.ts';
import { CouchbaseServer } from '../../../servers/couchbase.ts';
import { FIELDS, statuses } from '../source-contract.ts';
import { fetchNumbers, NUMBER, writeRows } from './numbers.ts';
import { openTestStore } from './couchbase-under-test.ts';
import { describeNewest, testSpelledTimes } from './newest-contract.ts';
import { describeStore, type StoreUnderTest } from './store-contract.ts';

let server: CouchbaseServer;
let cluster: Cluster;
/** What any tool of Couchbase sees. */
let raw: Collection;
beforeAll(async () => {
  server = await CouchbaseServer.start();
  const { username, password, bucket } = CouchbaseServer;
  cluster = await connect(server.url, { username, password });
  raw = cluster.bucket(bucket).defaultCollection();
});
afterAll(async () => {
  await cluster.close();
  await server.kill();
});

/** Each suite has a project of its own. */
async function open(project: string, options: Partial<CouchbaseStoreOptions> = {}): Promise<StoreUnderTest> {
  const store = await openTestStore({ url: server.url, project, ...options });
  const transcoder = options.encoding?.form === 'bytes' ? new RawBinaryTranscoder() : new RawJsonTranscoder();
  return {
    store,
    async writeRaw(table, key, value) {
      await raw.upsert(`${project}:${table}:${key}`, Buffer.from(value), { transcoder });
    },
    close: () => store.close(),
  };
}

describeStore('couchbase, rows as JSON', () => open('json'), { cannotList: true });

describeStore(
  'couchbase, packed rows',
  async () => {
    const under = await open('packed', { encoding: packedRows(() => FIELDS) });
    const { signal } = new AbortController();
    return {
      ...under,
      /** What can be packed is; what cannot are bytes that are no row. */
      async writeRaw(table, key, value) {
        const values = parseJsonObject(value) as Row['values'] | undefined;
        if (values === undefined || '_ts' in values) await under.writeRaw(table, key, value);
        else await under.store.sink(table).write([{ key, values }], { signal });
      },
    };
  },
  { cannotList: true },
);

describeNewest('couchbase', () => open('newest'));
testSpelledTimes('couchbase', () => open('spelled'));
describeNewest('couchbase, packed', () => open('newest-packed', { encoding: packedRows(() => NUMBER) }));

describe('rows in a bucket of Couchbase', () => {
  test('are documents as every tool would write them: JSON, or binary where they are packed', async () => {
    const row = { key: 'N1', values: { n: 4, heavy: true, maker: 'BOEING', note: null }, timestampMs: 0 };
    const json = await openTestStore({ url: server.url });
    await writeRows(json, row);
    expect((await raw.get('nyc:plane:N1')).content).toEqual({ ...row.values, _ts: '1970-01-01T00:00:00Z' });
    await json.close();
    const packed = await openTestStore({ url: server.url, encoding: packedRows(() => NUMBER) });
    await writeRows(packed, { key: 'N2', values: { n: 4 } });
    const { content } = await raw.get('nyc:plane:N2', { transcoder: new RawBinaryTranscoder() });
    expect(content).toEqual(packedRows(() => NUMBER).encoder('plane')({ key: 'N2', values: { n: 4 } }));
    await packed.close();
  });

  test('a document of another format is ERROR as a row, whatever is in it, and its neighbours are as they were', async () => {
    const json = await openTestStore({ url: server.url });
    await writeRows(json, { key: 'good', values: { n: 1 } });
    // Binary, a text, a format that nobody knows, and JSON as clients wrote it before there were common flags.
    const flags = [0x03_00_00_02, 0x04_00_00_04, 0x05_00_00_00, 0];
    for (const [at, flag] of flags.entries()) {
      const transcoder: Transcoder = { encode: (bytes: Buffer) => [bytes, flag], decode: (bytes) => bytes };
      await raw.upsert(`nyc:plane:other${at}`, Buffer.from('{"n":2}'), { transcoder });
    }
    const rows = await fetchNumbers(json, ['good', 'other0', 'other1', 'other2', 'other3', 'good']);
    const found = [0, 1, 2, 3, 4, 5].map((row) => statuses(rows, row)[0]);
    expect(found).toEqual(['PRESENT', 'ERROR', 'ERROR', 'ERROR', 'PRESENT', 'PRESENT']);
    await writeRows(json, { key: 'other0', values: { n: 3 } });
    expect([...(await fetchNumbers(json, ['other0'])).values[0]]).toEqual([3]);
    await json.close();
  });

  test('have keys of 250 bytes at most: a longer one is NOT_FOUND, and nothing of its batch is written', async () => {
    const store = await openTestStore({ url: server.url, project: 'limit' });
    const longest = 'é'.repeat((250 - 'limit:plane:'.length) / 2);
    await writeRows(store, { key: longest, values: { n: 1 } });
    const rows = await fetchNumbers(store, [longest, `${longest}x`]);
    expect([0, 1].map((row) => statuses(rows, row)[0])).toEqual(['PRESENT', 'NOT_FOUND']);
    const refused = writeRows(store, { key: 'short', values: { n: 1 } }, { key: `${longest}x`, values: { n: 1 } });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('250') });
    expect(statuses(await fetchNumbers(store, ['short']))).toEqual(['NOT_FOUND']);
    await store.close();
  });

  test('of one key in one call are written in their order', async () => {
    const store = await openTestStore({ url: server.url });
    const keys = Array.from({ length: 100 }, (_, at) => `twice${at}`);
    const both = [1, 2].flatMap((n) => keys.map((key) => ({ key, values: { n } })));
    expect(await writeRows(store, ...both)).toBe(200);
    expect([...(await fetchNumbers(store, keys)).values[0]]).toEqual(keys.map(() => 2));
    await store.close();
  });

  test('that two stores write at once are the newest of each key in the end', async () => {
    const stores = await Promise.all([1, 2].map(() => openTestStore({ url: server.url, project: 'race' })));
    const keys = Array.from({ length: 50 }, (_, at) => `k${at}`);
    const { signal } = new AbortController();
    // Each store has every other time of a key, in an order of its own.
    const times = (store: number): number[] => Array.from({ length: 10 }, (_, at) => 2 * ((7 * at) % 10) + store);
    const writes = stores.flatMap((store, which) =>
      times(which).map((time) =>
        store.sink('plane', { newest: true }).write(
          keys.map((key) => ({ key, values: { n: time }, timestampMs: time })),
          { signal },
        ),
      ),
    );
    await Promise.all(writes);
    expect([...(await fetchNumbers(stores[0], keys)).values[0]]).toEqual(keys.map(() => 19));
    for (const store of stores) await store.close();
  });

  test('vanish after their expiry, which a row without one ends', async () => {
    const passing = await openTestStore({ url: server.url, project: 'expiry', expiryMs: 59_001 });
    await writeRows(passing, { key: 'gone', values: { n: 1 } }, { key: 'kept', values: { n: 1 } });
    const staying = await openTestStore({ url: server.url, project: 'expiry' });
    await writeRows(staying, { key: 'kept', values: { n: 2 } });
    expect([...(await fetchNumbers(passing, ['gone', 'kept'])).values[0]]).toEqual([1, 2]);
    await server.travel(61);
    expect([...(await fetchNumbers(passing, ['gone', 'kept'])).values[0]]).toEqual([Number.NaN, 2]);
    await passing.close();
    await staying.close();
  });
});

describe('the mark of a table that holds rows', () => {
  const { signal } = new AbortController();
  const row = { key: 'a', values: { n: 1 } };

  test('is a document of its own beside the rows, which is no row', async () => {
    const store = await openTestStore({ url: server.url, project: 'mark' });
    await store.sink('plane').write([], { signal });
    expect(await store.isEmpty('plane')).toBe(true);
    await store.sink('plane').write([{ key: '', values: { n: 1 } }], { signal });
    expect(await store.isEmpty('plane')).toBe(false);
    expect((await raw.get('mark::plane')).content).toEqual({ rows: true });
    expect([...(await fetchNumbers(store, [''])).values[0]]).toEqual([1]);
    await store.close();
  });

  test('is not there for rows of other tools, which a server that cannot scan does not find', async () => {
    const store = await openTestStore({ url: server.url, project: 'foreign' });
    await raw.upsert('foreign:plane:a', { n: 1 });
    expect(await store.isEmpty('plane')).toBe(true);
    expect([...(await fetchNumbers(store, ['a'])).values[0]]).toEqual([1]);
    await store.close();
  });

  test('expires with the rows that it stands for, and is renewed while they are', async () => {
    const clock = { ms: 0 };
    const store = await openTestStore({ url: server.url, project: 'passing', expiryMs: 100_000, now: () => clock.ms });
    const sink = store.sink('plane');
    await sink.write([row], { signal });
    for (const _ of [1, 2, 3]) {
      await server.travel(90);
      clock.ms += 90_000;
      expect(await store.isEmpty('plane')).toBe(false);
      await sink.write([row], { signal });
    }
    await server.travel(102);
    expect(await store.isEmpty('plane')).toBe(true);
    await store.close();
  });

  test('never goes before it was to go: rows that expire sooner leave it as it is, those that stay make it stay', async () => {
    const store = await openTestStore({ url: server.url, project: 'mixed' });
    const write = (expiryMs?: number): Promise<number> => store.sink('plane', { expiryMs }).write([row], { signal });
    await write(1000_000);
    await write(100_000);
    await server.travel(102);
    expect(await store.isEmpty('plane')).toBe(false);
    await write();
    await write(100_000);
    await server.travel(2000);
    expect(await store.isEmpty('plane')).toBe(false);
    await store.close();
  });
});
