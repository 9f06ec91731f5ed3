import { Redis } from 'iovalkey';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseJsonObject } from '../../../../foundation/json-object.ts';
import { packedRows } from '../../../../orchestrator/features/store/packed-row.ts';
import type { RedisStoreOptions } from '../../../../orchestrator/features/store/redis.ts';
import { RedisServer } from '../../../servers/redis.ts';
import { describeNewest, testSpelledTimes } from './newest-contract.ts';
import { NEWEST, raceOfTwoWriters } from './newest-race.ts';
import { openTestStore } from './redis-under-test.ts';
import type { StoreUnderTest } from './store-contract.ts';

let server: RedisServer;
let raw: Redis;
beforeAll(async () => {
  server = await RedisServer.start();
  raw = new Redis({ port: server.port });
});
afterAll(async () => {
  raw.disconnect();
  await server.stop();
});

async function open(encoding: RedisStoreOptions['encoding'], database: number): Promise<StoreUnderTest> {
  const store = await openTestStore({ url: server.url, encoding, database });
  const other = new Redis({ port: server.port, db: database });
  return {
    store,
    async writeRaw(table, name, value) {
      const key = `nyc:${table}:${name}`;
      const values = encoding === 'hash' ? parseJsonObject(value) : undefined;
      await other.del(key);
      if (values === undefined) await other.set(key, value);
      else await other.hset(key, values);
    },
    async close() {
      other.disconnect();
      await store.close();
    },
  };
}

const N = [{ name: 'n', type: 'int64' as const }];
describeNewest('redis, rows as JSON', () => open('json', 1));
testSpelledTimes('redis, rows as JSON,', () => open('json', 4));
describeNewest('redis, rows as hashes', () => open('hash', 2));
testSpelledTimes('redis, rows as hashes,', () => open('hash', 5));
describeNewest('redis, packed rows', () =>
  open(
    packedRows(() => N),
    3,
  ),
);

test.each(['json', 'hash'] as const)(
  'two processes that write the same keys at once leave the newest row of each (%s)',
  async (encoding) => {
    await raw.flushdb();
    const store = await openTestStore({ url: server.url, encoding });
    expect(await raceOfTwoWriters(store, 'redis', server.url, encoding)).toEqual(NEWEST);
    await store.close();
  },
);

test('a server that has forgotten the script is told it again', async () => {
  const store = await openTestStore({ url: server.url });
  const sink = store.sink('told', { newest: true });
  const { signal } = new AbortController();
  const rows = Array.from({ length: 1200 }, (_, at) => ({ key: `k${at}`, values: { n: at }, timestampMs: at }));
  await raw.script('FLUSH');
  expect(await sink.write(rows, { signal })).toBe(1200);
  await raw.script('FLUSH');
  expect(
    await sink.write(
      rows.map((row) => ({ ...row, timestampMs: row.timestampMs - 1 })),
      { signal },
    ),
  ).toBe(0);
  await store.close();
});

test.each(['json', 'hash'] as const)(
  'a row that is put has its expiry, one that stays keeps its own (%s)',
  async (encoding) => {
    const store = await openTestStore({ url: server.url, encoding });
    const { signal } = new AbortController();
    const put = (expiryMs: number | undefined, timestampMs: number): Promise<number> =>
      store
        .sink(`expiry-${encoding}`, { newest: true, ...(expiryMs === undefined ? {} : { expiryMs }) })
        .write([{ key: 'a', values: { n: 1 }, timestampMs }], { signal });
    const left = (): Promise<number> => raw.pttl(`nyc:expiry-${encoding}:a`);
    expect(await put(60_000, 10)).toBe(1);
    expect(await left()).toBeGreaterThan(50_000);
    expect(await put(undefined, 9)).toBe(0);
    expect(await left()).toBeGreaterThan(50_000);
    expect(await put(undefined, 10)).toBe(1);
    expect(await left()).toBe(-1);
    await store.close();
  },
);

test('a hash of more fields than Lua has room for at once is put whole', async () => {
  const store = await openTestStore({ url: server.url, encoding: 'hash' });
  const values = Object.fromEntries(Array.from({ length: 9001 }, (_, at) => [`f${at}`, at]));
  const { signal } = new AbortController();
  await store.sink('wide', { newest: true }).write([{ key: 'a', values, timestampMs: 1 }], { signal });
  expect(await raw.hlen('nyc:wide:a')).toBe(9002);
  expect(await raw.hget('nyc:wide:a', 'f9000')).toBe('9000');
  await store.close();
});

test('what a server refuses is told', async () => {
  const store = await openTestStore({ url: server.url });
  await raw.config('SET', 'maxmemory', '1');
  const writing = store
    .sink('full', { newest: true })
    .write([{ key: 'a', values: { n: 1 }, timestampMs: 1 }], { signal: new AbortController().signal });
  await expect(writing).rejects.toMatchObject({ code: 'FEATURE_UNAVAILABLE' });
  await raw.config('SET', 'maxmemory', '0');
  await store.close();
});
