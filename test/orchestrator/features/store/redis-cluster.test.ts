import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { Cluster, type Redis } from 'iovalkey';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { slotOf } from '../../../../orchestrator/features/store/redis-cluster-slot.ts';
import { REDIS_CLUSTER_COMMANDS, REDIS_COMMANDS } from '../../../../orchestrator/features/store/redis-commands.ts';
import { RedisCluster } from '../../../servers/redis-cluster.ts';
import { describeNewest } from './newest-contract.ts';
import { describeRedis } from './redis-contract.ts';
import { listen } from './redis-monitor.ts';
import { fetchNumbers, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

let cluster: RedisCluster;
let raw: Cluster;
beforeAll(async () => {
  cluster = await RedisCluster.start({ masters: 3 });
  raw = new Cluster(cluster.urls);
});
afterAll(async () => {
  raw.disconnect();
  await cluster.stop();
});

const ENCODINGS = ['json', 'hash'] as const;

/** A cluster has one database: what was there before goes first. */
async function flush(): Promise<void> {
  for (const at of cluster.nodes.keys()) await cluster.admin(at).flushdb();
}

describeRedis('redis cluster', async (encoding) => {
  await flush();
  const store = await openTestStore({ urls: [cluster.urls[1]], cluster: true, encoding });
  return { store, raw, close: () => store.close() };
});

describeNewest('redis cluster', async () => {
  await flush();
  const store = await openTestStore({ urls: cluster.urls, cluster: true });
  return {
    store,
    writeRaw: async (table, key, value) => {
      await raw.set(`nyc:${table}:${key}`, value);
    },
    close: () => store.close(),
  };
});

test('rows of all servers are told of when they change, and any may have when one is lost', async () => {
  const store = await openTestStore({ urls: cluster.urls, cluster: true, invalidation: true });
  const keys = Array.from({ length: 30 }, (_, n) => `${n}`);
  const changed = new Set<string>();
  const lost = { times: 0 };
  const all = Promise.withResolvers<void>();
  store.watch!('plane', {
    onChanged(some) {
      for (const key of some) changed.add(key);
      if (changed.size === keys.length) all.resolve();
    },
    onLost: () => void lost.times++,
  });
  // Asked of the servers: one may have begun to track before anybody listened here.
  for (const node of cluster.nodes.keys()) while (!(await isTracking(cluster.admin(node)))) await setImmediate();
  await fetchNumbers(store, keys);
  for (const key of keys) await raw.set(`nyc:plane:${key}`, '{"n":1}');
  await all.promise;
  expect(changed).toEqual(new Set(keys));
  const before = lost.times;
  await cluster.admin(0).call('client', 'kill', 'type', 'normal', 'skipme', 'yes');
  while (lost.times === before) await setImmediate();
  await store.close();
});

test('the slot of a key is what the servers say', async () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('{', '}', 'a', 'ü') }));
  await fc.assert(
    fc.asyncProperty(text, async (key) => {
      expect(slotOf(key)).toBe(await cluster.slotOf(key));
    }),
  );
});

describe('a slot', () => {
  beforeEach(flush);

  /** Keys of one slot, `{tag}0` and so on, with a number each; and of others. */
  const numbered = (tag: string): string[] => Array.from({ length: 10 }, (_, n) => `{${tag}}${n}`);
  const others = Array.from({ length: 30 }, (_, n) => `other${n}`);
  const rowsOf = (keys: readonly string[]): { key: string; values: { n: number } }[] =>
    keys.map((key, n) => ({ key, values: { n } }));
  const count = (keys: readonly string[]): number[] => [...keys.keys()];
  const redirections = async (at: number): Promise<number> =>
    Number(/errorstat_MOVED:count=(\d+)/.exec(await cluster.admin(at).info('errorstats'))?.[1] ?? 0);

  test.each(ENCODINGS)(
    'that has moved is read and written where it is (%s), and soon asked for there',
    async (encoding) => {
      const tag = `moved ${encoding}`;
      const keys = numbered(tag);
      const slot = await cluster.slotOf(`{${tag}}`);
      const from = await cluster.ownerOf(`{${tag}}`);
      const to = (from + 1) % 3;
      const store = await openTestStore({ urls: cluster.urls, cluster: true, encoding });
      await writeRows(store, ...rowsOf(keys), ...rowsOf(others));
      await cluster.beginMove(slot, from, to);
      for (const key of keys) await cluster.moveKey(`nyc:plane:${key}`, from, to);
      await cluster.endMove(slot, to);

      expect([...(await fetchNumbers(store, [...keys, ...others])).values[0]]).toEqual([
        ...count(keys),
        ...count(others),
      ]);
      const before = await redirections(from);
      expect(before).toBeGreaterThan(0);
      expect([...(await fetchNumbers(store, keys)).values[0]]).toEqual(count(keys));
      await writeRows(store, ...rowsOf(keys.toReversed()));
      expect([...(await fetchNumbers(store, keys)).values[0]]).toEqual(count(keys).toReversed());
      expect(await redirections(from)).toBe(before);
      await store.close();
    },
  );

  test.each(ENCODINGS)('that has moved is written where it is (%s), by who does not know yet', async (encoding) => {
    const tag = `written ${encoding}`;
    const keys = numbered(tag);
    const slot = await cluster.slotOf(`{${tag}}`);
    const from = await cluster.ownerOf(`{${tag}}`);
    const to = (from + 1) % 3;
    const store = await openTestStore({ urls: cluster.urls, cluster: true, encoding });
    await cluster.endMove(slot, to);
    expect(await writeRows(store, ...rowsOf(keys), ...rowsOf(others))).toBe(keys.length + others.length);
    expect(await cluster.admin(to).cluster('COUNTKEYSINSLOT', slot)).toBe(keys.length);
    expect([...(await fetchNumbers(store, keys)).values[0]]).toEqual(count(keys));
    await store.close();
  });

  test.each(ENCODINGS)('on its way is read and written on both ends (%s)', async (encoding) => {
    const tag = `on its way ${encoding}`;
    const keys = numbered(tag);
    const slot = await cluster.slotOf(`{${tag}}`);
    const from = await cluster.ownerOf(`{${tag}}`);
    const to = (from + 1) % 3;
    const store = await openTestStore({ urls: cluster.urls, cluster: true, encoding });
    await writeRows(store, ...rowsOf(keys));
    await cluster.beginMove(slot, from, to);
    for (const key of keys.slice(0, 5)) await cluster.moveKey(`nyc:plane:${key}`, from, to);
    expect([...(await fetchNumbers(store, keys)).values[0]]).toEqual(count(keys));
    expect([...(await fetchNumbers(store, [...keys, ...others])).values[0]].slice(0, 10)).toEqual(count(keys));
    const absent = await fetchNumbers(store, [`{${tag}}absent`]);
    expect([...absent.values[0]]).toEqual([NaN]);

    const newest = store.sink('plane', { newest: true });
    await newest.write(rowsOf([...keys.toReversed(), `{${tag}}new`]), { signal: new AbortController().signal });
    expect([...(await fetchNumbers(store, [...keys, `{${tag}}new`])).values[0]]).toEqual([
      ...count(keys).toReversed(),
      10,
    ]);
    // What was there stays there; what was nowhere is written where the slot is going.
    expect(await cluster.admin(from).cluster('COUNTKEYSINSLOT', slot)).toBe(5);
    expect(await cluster.admin(to).cluster('COUNTKEYSINSLOT', slot)).toBe(6);
    for (const key of keys.slice(5)) await cluster.moveKey(`nyc:plane:${key}`, from, to);
    await cluster.endMove(slot, to);
    expect([...(await fetchNumbers(store, keys)).values[0]]).toEqual(count(keys).toReversed());
    await store.close();
  });

  test('of which two servers say that the other has it fails at last, and is read when they agree', async () => {
    const slot = await cluster.slotOf('{torn}');
    const from = await cluster.ownerOf('{torn}');
    const [owner, other] = [await cluster.id(from), await cluster.id((from + 1) % 3)];
    const store = await openTestStore({ urls: cluster.urls, cluster: true });
    await cluster.admin(from).cluster('SETSLOT', slot, 'NODE', other);
    const failure = await fetchNumbers(store, ['{torn}']).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: 'FEATURE_UNAVAILABLE', message: expect.stringContaining('disagree') });
    await cluster.admin(from).cluster('SETSLOT', slot, 'NODE', owner);
    await writeRows(store, { key: '{torn}', values: { n: 1 } });
    expect([...(await fetchNumbers(store, ['{torn}'])).values[0]]).toEqual([1]);
    await store.close();
  });

  test('on its way makes no command be sent beyond those that are told', async () => {
    const slot = await cluster.slotOf('{told}');
    const from = await cluster.ownerOf('{told}');
    await cluster.beginMove(slot, from, (from + 1) % 3);
    const tellSent = await listen([...cluster.nodes.keys()].map((at) => cluster.admin(at)));
    for (const encoding of ENCODINGS) {
      const options = { urls: cluster.urls, cluster: true, encoding, readFrom: 'replica', expiryMs: 60_000 } as const;
      const store = await openTestStore(options);
      await writeRows(store, ...rowsOf([...others, ...numbered(`told}${encoding}`)]));
      await fetchNumbers(store, others);
      await store.isEmpty('plane');
      await store.close();
    }
    const known = new Set(Object.keys(REDIS_COMMANDS));
    // Redis 6 shows nobody who monitors it a CLUSTER command.
    const sent = (await tellSent()).add('cluster slots');
    const beyond = [...sent].filter((name) => !known.has(name));
    expect(beyond.toSorted()).toEqual(Object.keys(REDIS_CLUSTER_COMMANDS).toSorted());
  });
});

/** Whether a server has a connection whose reads it tells of; `t` is its flag. */
async function isTracking(admin: Redis): Promise<boolean> {
  return /flags=[A-Za-z]*t/.test(String(await admin.client('LIST')));
}
