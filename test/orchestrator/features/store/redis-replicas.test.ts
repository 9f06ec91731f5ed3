import { setImmediate } from 'node:timers/promises';
import type { Redis } from 'iovalkey';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { RedisCluster } from '../../../servers/redis-cluster.ts';
import { MASTER_NAME, RedisSentinels } from '../../../servers/redis-sentinel.ts';
import type { RedisServer } from '../../../servers/redis.ts';
import { codeOf, readUnderLoad } from './redis-load.ts';
import { fetchNumbers, now, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

const ROWS = Array.from({ length: 50 }, (_, n) => ({ key: `${n}`, values: { n } }));
const KEYS = ROWS.map(({ key }) => key);
const NUMBERS = ROWS.map(({ values }) => values.n);

/** Servers of one shard: 0 is the master, all others its replicas. */
interface Group {
  servers: readonly RedisServer[];
  admin(at: number): Redis;
  untilFollows(at: number, master: number): Promise<void>;
  stop(): Promise<void>;
  where: Parameters<typeof openTestStore>[0];
}

async function startCluster(): Promise<Group> {
  const cluster = await RedisCluster.start({ masters: 1, replicas: [2] });
  return Object.assign(cluster, { servers: cluster.nodes, where: { urls: [cluster.urls[0]], cluster: true } });
}

async function startSentinels(): Promise<Group> {
  const group = await RedisSentinels.start(2);
  return Object.assign(group, { where: { sentinel: { name: MASTER_NAME, urls: group.urls } } });
}

describe.each([
  ['a cluster', startCluster],
  ['sentinels', startSentinels],
])('replicas of %s', (_name, start) => {
  let group: Group;
  let store: Store;
  beforeAll(async () => {
    group = await start();
  });
  afterAll(() => group.stop());
  afterEach(() => store.close());

  const open = (options: Parameters<typeof openTestStore>[0] = {}): Promise<Store> =>
    openTestStore({ ...group.where, readFrom: 'replica', timeoutMs: 1000, ...options });

  async function write(): Promise<void> {
    await writeRows(store, ...ROWS);
    for (let at = 1; at < group.servers.length; at++) await group.untilFollows(at, 0);
  }

  /** How many commands that read rows a server has been sent. */
  async function reads(at: number): Promise<number> {
    const counts = (await group.admin(at).info('commandstats')).matchAll(/cmdstat_h?mget:calls=(\d+)/g);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  test.each(['json', 'hash'] as const)('are read each in turn, and the master is not (%s)', async (encoding) => {
    for (let at = 0; at < group.servers.length; at++) await group.admin(at).config('RESETSTAT');
    store = await open({ encoding });
    await write();
    for (let time = 0; time < 10; time++) {
      expect([...(await fetchNumbers(store, KEYS)).values[0]]).toEqual(NUMBERS);
      expect([...(await fetchNumbers(store, ['7'])).values[0]]).toEqual([7]);
    }
    expect(await reads(0)).toBe(0);
    for (const at of [1, 2]) expect(await reads(at)).toBeGreaterThan(0);
  });

  test('that are killed under load fail no fetch: others are read, at last the master', async () => {
    store = await open();
    await write();
    const load = readUnderLoad(store, ROWS.length);
    for (const at of [1, 2]) {
      const answered = load.answered;
      while (load.answered < answered + 200) await setImmediate();
      await group.servers[at].kill();
    }
    const answered = load.answered;
    while (load.answered < answered + 200) await setImmediate();
    await load.end();
    expect(load).toMatchObject({ failed: 0, wrong: 0, absent: 0 });
    expect(store.isReachable).toBe(true);
    expect(await reads(0)).toBeGreaterThan(200);
  });

  test('that come back are read again; one that is silent fails what it was asked until it is known to be', async () => {
    store = await open({ timeoutMs: 200 });
    for (const at of [1, 2]) await group.servers[at].run();
    for (const at of [1, 2]) await group.untilFollows(at, 0);
    await write();
    for (const at of [1, 2]) while ((await reads(at)) === 0) await fetchNumbers(store, KEYS);
    group.servers[1].pause();
    const startedMs = now();
    const codes = await Promise.all([1, 2].map(() => codeOf(fetchNumbers(store, KEYS))));
    expect(new Set(codes)).toEqual(new Set(['DEADLINE_EXCEEDED', undefined]));
    let inTurn = 0;
    while (inTurn < 10) inTurn = (await codeOf(fetchNumbers(store, KEYS))) === undefined ? inTurn + 1 : 0;
    expect(now() - startedMs).toBeLessThan(3000);
    group.servers[1].resume();
  });
});
