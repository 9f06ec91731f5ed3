import { setImmediate } from 'node:timers/promises';
import { Redis } from 'iovalkey';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { jsonRows } from '../../../../orchestrator/features/store/json-row.ts';
import { redisAddress } from '../../../../orchestrator/features/store/redis-address.ts';
import { RedisConnection } from '../../../../orchestrator/features/store/redis-connection.ts';
import { oneServer } from '../../../../orchestrator/features/store/redis-one-server.ts';
import type { RedisRows } from '../../../../orchestrator/features/store/redis-rows.ts';
import { redisSource } from '../../../../orchestrator/features/store/redis-source.ts';
import { valueRows } from '../../../../orchestrator/features/store/redis-value-rows.ts';
import { Status, statusOf } from '../../../../orchestrator/plan/column.ts';
import { RedisServer } from '../../../servers/redis.ts';
import { codeOf, msUntilRead, readUnderLoad } from './redis-load.ts';
import { fetchNumbers, now, NUMBER, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

let server: RedisServer;
let store: Store | undefined;
beforeEach(async () => {
  server = await RedisServer.prepare();
});
afterEach(async () => {
  await store?.close();
  await server.stop();
});

describe('a server that is down', () => {
  test('stops nothing: the store opens, says so at once, and is found when the server comes', async () => {
    store = await openTestStore({ url: server.url });
    const startedMs = now();
    for (let at = 0; at < 100; at++) expect(await codeOf(fetchNumbers(store, ['a']))).toBe('FEATURE_UNAVAILABLE');
    expect(now() - startedMs).toBeLessThan(500);
    expect(await codeOf(writeRows(store, { key: 'a', values: { n: 1 } }))).toBe('FEATURE_UNAVAILABLE');
    expect(await codeOf(store.isEmpty('plane'))).toBe('FEATURE_UNAVAILABLE');
    await server.run();
    expect(await msUntilRead(store)).toBeLessThan(2000);
  });

  test('or takes connections and says nothing: the store opens within the time that a connection may take', async () => {
    await server.run();
    server.pause();
    const startedMs = now();
    store = await openTestStore({ url: server.url, connectTimeoutMs: 200 });
    expect(now() - startedMs).toBeLessThan(1000);
    expect(store.isReachable).toBe(false);
    expect(await codeOf(fetchNumbers(store, ['a']))).toBe('FEATURE_UNAVAILABLE');
    server.resume();
    expect(await msUntilRead(store)).toBeLessThan(2000);
  });

  test('can be closed all the same, and a closed store has nothing to say', async () => {
    const closed = await openTestStore({ url: server.url });
    await closed.close();
    expect(await codeOf(fetchNumbers(closed, ['a']))).toBe('FEATURE_UNAVAILABLE');
  });
});

describe('a server that goes', () => {
  test.each(['json', 'hash'] as const)(
    'under load (%s) fails what is asked meanwhile, answers nothing wrong, and is found again',
    async (encoding) => {
      await server.run();
      const open = await openTestStore({ url: server.url, encoding, timeoutMs: 1000 });
      store = open;
      const rows = Array.from({ length: 50 }, (_, n) => ({ key: `${n}`, values: { n } }));
      await writeRows(open, ...rows);
      const load = readUnderLoad(open, rows.length);
      for (let time = 0; time < 3; time++) {
        const answered = load.answered;
        while (load.answered < answered + 200) await setImmediate();
        await server.kill();
        while ((await codeOf(fetchNumbers(open, ['a']))) === undefined) await setImmediate();
        await server.run();
        expect(await msUntilRead(open)).toBeLessThan(2000);
        await writeRows(open, ...rows);
      }
      await load.end();
      expect(load.wrong).toBe(0);
      expect(load.failed).toBeGreaterThan(0);
      expect([...(await fetchNumbers(open, ['7'])).values[0]]).toEqual([7]);
    },
  );

  test('is waited for no longer than the deadline, or the timeout of the store; then it is known to be silent', async () => {
    await server.run();
    store = await openTestStore({ url: server.url, timeoutMs: 200 });
    await writeRows(store, { key: 'a', values: { n: 1 } });
    server.pause();
    const startedMs = now();
    expect(await codeOf(fetchNumbers(store, ['a'], { deadlineMs: startedMs + 50 }))).toBe('DEADLINE_EXCEEDED');
    expect(now() - startedMs).toBeGreaterThanOrEqual(49);
    expect(now() - startedMs).toBeLessThan(1900);
    expect(await codeOf(fetchNumbers(store, ['a']))).toBe('DEADLINE_EXCEEDED');
    expect(now() - startedMs).toBeGreaterThanOrEqual(250);
    while ((await codeOf(fetchNumbers(store, ['a']))) === 'DEADLINE_EXCEEDED') await setImmediate();
    const knownMs = now();
    expect(await codeOf(fetchNumbers(store, ['a']))).toBe('FEATURE_UNAVAILABLE');
    expect(now() - knownMs).toBeLessThan(20);
    server.resume();
    expect(await msUntilRead(store)).toBeLessThan(2000);
    expect([...(await fetchNumbers(store, ['a'])).values[0]]).toEqual([1]);
  });

  test('leaves no more in flight than is allowed: what waits for a place leaves at its deadline, or when it is cancelled', async () => {
    await server.run();
    store = await openTestStore({ url: server.url, maxInFlight: 1 });
    server.pause();
    const open = store;
    const caller = new AbortController();
    const first = codeOf(fetchNumbers(open, ['a'], { deadlineMs: now() + 100 }));
    const second = codeOf(fetchNumbers(open, ['b'], { deadlineMs: now() + 50 }));
    const third = codeOf(fetchNumbers(open, ['c'], { signal: caller.signal }));
    caller.abort();
    expect(await third).toBe('CANCELLED');
    expect(await second).toBe('DEADLINE_EXCEEDED');
    expect(await first).toBe('DEADLINE_EXCEEDED');
    const cancelled = new AbortController();
    const fourth = codeOf(fetchNumbers(open, ['d'], { signal: cancelled.signal }));
    server.resume();
    expect(await fourth).toBeUndefined();
  });

  test('a fetch whose caller goes while it is on the wire ends, and the next answer is its own', async () => {
    await server.run();
    store = await openTestStore({ url: server.url });
    await writeRows(store, { key: 'a', values: { n: 1 } }, { key: 'b', values: { n: 2 } });
    server.pause();
    const caller = new AbortController();
    const gone = codeOf(fetchNumbers(store, ['a'], { signal: caller.signal }));
    const staying = fetchNumbers(store, ['b']);
    caller.abort();
    expect(await gone).toBe('CANCELLED');
    server.resume();
    expect([...(await staying).values[0]]).toEqual([2]);
  });
});

describe('a server that refuses', () => {
  test.each(['json', 'hash'] as const)(
    'because it is full (%s): the write says so, whole rows are left',
    async (encoding) => {
      await server.run();
      store = await openTestStore({ url: server.url, encoding });
      await writeRows(store, { key: 'a', values: { n: 1 } });
      const admin = new Redis({ port: server.port });
      await admin.config('SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction');
      const refused = await writeRows(store, { key: 'a', values: { n: 2 } }).catch((cause: unknown) => cause);
      expect(refused).toMatchObject({
        code: 'FEATURE_UNAVAILABLE',
        message: 'The store "online" is full (maxmemory), and takes no rows until there is room.',
      });
      expect((refused as Error).cause).toMatchObject({ message: expect.stringContaining('OOM') });
      expect([...(await fetchNumbers(store, ['a'])).values[0]]).toEqual([1]);
      await admin.config('SET', 'maxmemory', '0');
      await writeRows(store, { key: 'a', values: { n: 3 } });
      expect([...(await fetchNumbers(store, ['a'])).values[0]]).toEqual([3]);
      admin.disconnect();
    },
  );

  test('as a replica does: rows are read, and none is written', async () => {
    await server.run();
    store = await openTestStore({ url: server.url });
    await writeRows(store, { key: 'a', values: { n: 1 } });
    const admin = new Redis({ port: server.port });
    await admin.config('SET', 'replica-serve-stale-data', 'yes');
    await admin.replicaof('127.0.0.1', '1');
    expect(await codeOf(writeRows(store, { key: 'a', values: { n: 2 } }))).toBe('FEATURE_UNAVAILABLE');
    expect([...(await fetchNumbers(store, ['a'])).values[0]]).toEqual([1]);
    admin.disconnect();
  });

  test.each(['json', 'hash'] as const)('what a user may not read (%s) fails the fetch', async (encoding) => {
    await server.run();
    const admin = new Redis({ port: server.port });
    await admin.acl('SETUSER', 'other', 'on', '>pass', '~elsewhere:*', '+@all');
    store = await openTestStore({ url: server.url, encoding, username: 'other', password: 'pass' });
    expect(await codeOf(fetchNumbers(store, ['a']))).toBe('FEATURE_UNAVAILABLE');
    admin.disconnect();
  });
});

describe('a large fetch', () => {
  test('gives at its deadline what there is by then, the rest as TIMEOUT', async () => {
    await server.run();
    const keys = Array.from({ length: 1000 }, (_, at) => `k${at}`);
    store = await openTestStore({ url: server.url });
    await writeRows(store, ...keys.map((key, n) => ({ key, values: { n } })));
    const connection = new RedisConnection({
      store: 'online',
      address: redisAddress('online', { url: server.url }),
      connectTimeoutMs: 1000,
      maxInFlight: 1,
      random: () => 0.5,
    });
    await connection.opened;
    // With one place in flight, the second command is asked for when the first is answered: the server stops there.
    const rows = valueRows(jsonRows);
    let asked = 0;
    const stopping: RedisRows = {
      ...rows,
      reader(fields) {
        const reader = rows.reader(fields);
        return {
          ...reader,
          read(client, some, places) {
            if (++asked === 2) server.pause();
            return reader.read(client, some, places);
          },
        };
      },
    };
    const source = redisSource({
      servers: oneServer(connection),
      rows: stopping,
      prefix: 'nyc:plane:',
      timeoutMs: 500,
      now,
    });
    const options = { asOfMs: 0, deadlineMs: Infinity, signal: new AbortController().signal };
    const columns = await source.fetch({ count: keys.length, text: keys }, NUMBER, options);
    server.resume();
    const found = Array.from(columns.states[0], statusOf);
    expect(new Set(found.slice(0, 500))).toEqual(new Set([Status.PRESENT]));
    expect(new Set(found.slice(500))).toEqual(new Set([Status.TIMEOUT]));
    expect(columns.values[0][499]).toBe(499);
    await connection.close();
  });
});
