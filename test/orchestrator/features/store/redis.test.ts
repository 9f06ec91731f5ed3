import { Redis } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisServer } from '../../../servers/redis.ts';
import { statuses } from '../source-contract.ts';
import { describeRedis } from './redis-contract.ts';
import { fetchNumbers, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

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

/** Each suite has a database of its own. */
let database = 0;
describeRedis('redis', async (encoding) => {
  const store = await openTestStore({ url: server.url, encoding, database: ++database });
  const other = new Redis({ port: server.port, db: database });
  return {
    store,
    raw: other,
    async close() {
      other.disconnect();
      await store.close();
    },
  };
});

describe('rows in a store of the Redis family', () => {
  test('are as every tool would write them', async () => {
    const row = { key: 'N1', values: { n: 4, heavy: true, maker: 'BOEING', note: null }, timestampMs: 0 };
    const json = await openTestStore({ url: server.url });
    await writeRows(json, row);
    expect(await raw.get('nyc:plane:N1')).toBe(
      '{"n":4,"heavy":true,"maker":"BOEING","note":null,"_ts":"1970-01-01T00:00:00Z"}',
    );
    await json.close();
    const hash = await openTestStore({ url: server.url, encoding: 'hash' });
    await writeRows(hash, row);
    expect(await raw.hgetall('nyc:plane:N1')).toEqual({
      n: '4',
      heavy: 'true',
      maker: 'BOEING',
      _ts: '1970-01-01T00:00:00Z',
    });
    await hash.close();
  });

  test.each(['json', 'hash'] as const)(
    'vanish after their expiry (%s), which a row without one ends',
    async (encoding) => {
      const passing = await openTestStore({ url: server.url, encoding, expiryMs: 60_000 });
      await writeRows(passing, { key: 'gone', values: { n: 1 } });
      expect(await raw.pttl('nyc:plane:gone')).toBeGreaterThan(50_000);
      await passing.close();
      const staying = await openTestStore({ url: server.url, encoding });
      await writeRows(staying, { key: 'gone', values: { n: 1 } });
      expect(await raw.pttl('nyc:plane:gone')).toBe(-1);
      await staying.close();
    },
  );

  test('a key that holds something else is ERROR beside hashes, and NOT_FOUND beside values, as MGET has it', async () => {
    await raw.rpush('nyc:plane:list', 'x');
    const hash = await openTestStore({ url: server.url, encoding: 'hash' });
    await writeRows(hash, { key: 'good', values: { n: 1 } });
    const rows = await fetchNumbers(hash, ['good', 'list', 'good']);
    expect([0, 1, 2].map((row) => statuses(rows, row)[0])).toEqual(['PRESENT', 'ERROR', 'PRESENT']);
    await hash.close();
    const json = await openTestStore({ url: server.url });
    expect(statuses(await fetchNumbers(json, ['list']))).toEqual(['NOT_FOUND']);
    await writeRows(json, { key: 'list', values: { n: 2 } });
    expect([...(await fetchNumbers(json, ['list'])).values[0]]).toEqual([2]);
    await json.close();
  });

  test('a hash with none of the fields is no row, unless it has a time', async () => {
    await raw.hset('nyc:plane:other', { m: 1 });
    await raw.hset('nyc:plane:timed', { m: 1, _ts: '2013-05-05T13:00:00Z' });
    const hash = await openTestStore({ url: server.url, encoding: 'hash' });
    const rows = await fetchNumbers(hash, ['other', 'timed']);
    expect([0, 1].map((row) => statuses(rows, row)[0])).toEqual(['NOT_FOUND', 'NULL_VALUE']);
    await hash.close();
  });

  test('a hash is never seen between two rows', async () => {
    const hash = await openTestStore({ url: server.url, encoding: 'hash' });
    const reader = await openTestStore({ url: server.url, encoding: 'hash' });
    await writeRows(hash, { key: 'whole', values: { n: 0 } });
    const written = { is: false };
    const writing = (async () => {
      for (let n = 1; n <= 200; n++) await writeRows(hash, { key: 'whole', values: { n } });
      written.is = true;
    })();
    const seen = new Set<string>();
    while (!written.is) seen.add(statuses(await fetchNumbers(reader, ['whole']))[0]);
    await writing;
    expect([...seen]).toEqual(['PRESENT']);
    await Promise.all([hash.close(), reader.close()]);
  });

  test('a table is looked for under its own name, whatever that is to a pattern', async () => {
    const store = await openTestStore({ url: server.url, project: 'a*[b]?' });
    await raw.set('axb:plane:1', '{}');
    expect(await store.isEmpty('plane')).toBe(true);
    await writeRows(store, { key: '1', values: {} });
    expect(await store.isEmpty('plane')).toBe(false);
    await store.close();
  });
});
