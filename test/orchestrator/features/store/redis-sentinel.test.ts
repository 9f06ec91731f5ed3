import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { REDIS_COMMANDS, SENTINEL_COMMANDS } from '../../../../orchestrator/features/store/redis-commands.ts';
import { MASTER_NAME, RedisSentinels } from '../../../servers/redis-sentinel.ts';
import { codeOf, msUntilRead } from './redis-load.ts';
import { fetchNumbers, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

const ROWS = Array.from({ length: 50 }, (_, n) => ({ key: `${n}`, values: { n } }));
const KEYS = ROWS.map(({ key }) => key);
const NUMBERS = ROWS.map(({ values }) => values.n);

let group: RedisSentinels;
let store: Store;
beforeAll(async () => {
  group = await RedisSentinels.start(1);
});
afterEach(() => store.close());
afterAll(() => group.stop());

const open = (options: Parameters<typeof openTestStore>[0] = {}): Promise<Store> =>
  openTestStore({ sentinel: { name: MASTER_NAME, urls: group.urls }, timeoutMs: 1000, ...options });

describe('a master that sentinels name', () => {
  test('is read and written, in the database that is asked for; its replica is not', async () => {
    for (const encoding of ['json', 'hash'] as const) {
      store = await open({ encoding, database: 3, readFrom: 'master' });
      const rows = Array.from({ length: 2000 }, (_, n) => ({ key: `${encoding}${n}`, values: { n } }));
      expect(await store.isEmpty('plane')).toBe(encoding === 'json');
      expect(await writeRows(store, ...rows)).toBe(2000);
      const keys = rows.map(({ key }) => key);
      const read = await fetchNumbers(store, [...keys, 'absent']);
      expect([...read.values[0]]).toEqual([...rows.map(({ values }) => values.n), NaN]);
      const listed = new Set<string>();
      for await (const page of store.keys!('plane', { signal: new AbortController().signal })) {
        for (const key of page) listed.add(key);
      }
      expect(keys.filter((key) => !listed.has(key))).toEqual([]);
      await store.close();
    }
    expect(await group.admin(0).info('keyspace')).toContain('db3:keys=4000');
    expect(await group.admin(1).info('commandstats')).not.toMatch(/cmdstat_(?:mget|hmget|scan)/);
  });
});

describe('sentinels', () => {
  test('may ask who we are, as the servers may; we need no right beyond those that are told', async () => {
    const rights = (commands: object): string[] =>
      Object.keys(commands).map((command) => `+${command.replace(' ', '|')}`);
    for (const at of group.sentinels.keys()) {
      const sentinelRights = ['+auth', '+info', ...rights(SENTINEL_COMMANDS)];
      await group.adminOfSentinel(at).acl('SETUSER', 'watcher', 'on', '>its own', '-@all', ...sentinelRights);
    }
    for (const at of group.servers.keys()) {
      await group.admin(at).acl('SETUSER', 'least', 'on', '>another', '~nyc:*', '-@all', ...rights(REDIS_COMMANDS));
    }
    const login = { username: 'least', password: 'another', readFrom: 'replica' } as const;
    const sentinel = { name: MASTER_NAME, urls: group.urls, username: 'watcher' };
    store = await open({ ...login, sentinel: { ...sentinel, password: 'its own' } });
    await writeRows(store, ...ROWS);
    await group.untilFollows(1, 0);
    expect([...(await fetchNumbers(store, KEYS)).values[0]]).toEqual(NUMBERS);
    await store.close();

    store = await open({ ...login, sentinel: { ...sentinel, password: 'secret-but-wrong' } });
    const failure = await fetchNumbers(store, KEYS).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: 'FEATURE_UNAVAILABLE', message: 'The store "online" cannot be reached.' });
    const { errors } = (failure as Error).cause as AggregateError;
    expect(errors[0]).toMatchObject({ cause: { message: expect.stringContaining('WRONGPASS') } });
    await store.close();

    store = await open({ sentinel: { name: 'another', urls: group.urls } });
    const unknown = await fetchNumbers(store, KEYS).catch((cause: unknown) => (cause as Error).cause);
    expect((unknown as AggregateError).errors[0]).toMatchObject({
      cause: { message: expect.stringContaining('knows no master') },
    });
  });

  test('that are down stop nothing: the store opens, and is found when they come; and it works on when they go', async () => {
    for (const sentinel of group.sentinels) await sentinel.kill();
    store = await open();
    expect(store.isReachable).toBe(false);
    expect(await codeOf(fetchNumbers(store, KEYS))).toBe('FEATURE_UNAVAILABLE');
    expect(await codeOf(store.isEmpty('plane'))).toBe('FEATURE_UNAVAILABLE');
    for (const sentinel of group.sentinels) await sentinel.run();
    expect(await msUntilRead(store)).toBeLessThan(2000);
    expect(store.isReachable).toBe(true);
    for (const sentinel of group.sentinels) await sentinel.kill();
    await writeRows(store, ...ROWS);
    expect([...(await fetchNumbers(store, KEYS)).values[0]]).toEqual(NUMBERS);
  });
});
