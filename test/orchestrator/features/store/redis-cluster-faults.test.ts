import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { REDIS_CLUSTER_COMMANDS, REDIS_COMMANDS } from '../../../../orchestrator/features/store/redis-commands.ts';
import { Status, statusOf } from '../../../../orchestrator/plan/column.ts';
import { RedisCluster } from '../../../servers/redis-cluster.ts';
import { codeOf, msUntilRead, readUnderLoad } from './redis-load.ts';
import { fetchNumbers, now, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

const ENCODINGS = ['json', 'hash'] as const;
const ROWS = Array.from({ length: 50 }, (_, n) => ({ key: `${n}`, values: { n } }));
const KEYS = ROWS.map(({ key }) => key);

let cluster: RedisCluster;
let store: Store;
/** A key of each master. */
let keyOf: string[];
/** The masters of the first part of the slots: the one now, and the one that follows it. */
let [master, follower] = [0, 3];
beforeAll(async () => {
  // What one master has not is then served by the others.
  cluster = await RedisCluster.start({ masters: 3, replicas: [1], options: ['--cluster-require-full-coverage', 'no'] });
  keyOf = [];
  for (const key of KEYS) keyOf[await cluster.ownerOf(`nyc:plane:${key}`)] = key;
});
afterAll(() => cluster.stop());

const open = (options: Parameters<typeof openTestStore>[0] = {}): Promise<Store> =>
  openTestStore({ urls: cluster.urls, cluster: true, timeoutMs: 1000, ...options });
afterEach(() => store.close());

/** How long it takes until every row is read again. */
async function msUntilWhole(): Promise<number> {
  const startedMs = now();
  const isWhole = async (): Promise<boolean> => {
    const columns = await fetchNumbers(store, KEYS);
    return columns.states[0].every((state) => statusOf(state) === Status.PRESENT);
  };
  while (!(await isWhole().catch(() => false))) await setImmediate();
  return now() - startedMs;
}

describe('a master that is killed', () => {
  test.each(ENCODINGS)(
    'under load (%s) fails what is asked of it meanwhile, answers nothing wrong, and is followed by its replica',
    async (encoding) => {
      store = await open({ encoding });
      await writeRows(store, ...ROWS);
      await cluster.untilFollows(follower, master);
      const load = readUnderLoad(store, ROWS.length);
      while (load.answered < 200) await setImmediate();
      await cluster.nodes[master].kill();
      const known = fetchNumbers(store, [keyOf[0], keyOf[1]]);
      expect([...(await known).states[0]].map(statusOf)).toEqual([Status.ERROR, Status.PRESENT]);
      await cluster.untilIsMaster(follower);
      expect(await msUntilWhole()).toBeLessThan(2000);
      await load.end();
      expect(load).toMatchObject({ wrong: 0, absent: 0 });
      expect(load.failed).toBeGreaterThan(0);
      expect(await writeRows(store, ...ROWS)).toBe(ROWS.length);
      await cluster.nodes[master].run();
      await cluster.untilFollows(master, follower);
      [master, follower] = [follower, master];
    },
  );
});

test('a silent node fails its keys at the timeout of the store, and at once when it has been silent for two seconds', async () => {
  store = await open({ timeoutMs: 200 });
  await writeRows(store, ...ROWS);
  const keys = [keyOf[1], keyOf[2]];
  cluster.nodes[2].pause();
  const startedMs = now();
  const columns = await fetchNumbers(store, keys);
  expect(now() - startedMs).toBeGreaterThanOrEqual(199);
  expect([...columns.states[0]].map(statusOf)).toEqual([Status.PRESENT, Status.TIMEOUT]);
  expect(columns.values[0][0]).toBe(Number(keyOf[1]));
  expect(await codeOf(fetchNumbers(store, [keyOf[2]]))).toBe('DEADLINE_EXCEEDED');
  while ((await codeOf(fetchNumbers(store, [keyOf[2]]))) === 'DEADLINE_EXCEEDED') await setImmediate();
  expect(now() - startedMs).toBeLessThan(3000);
  const knownMs = now();
  expect(await codeOf(fetchNumbers(store, [keyOf[2]]))).toBe('FEATURE_UNAVAILABLE');
  expect(await codeOf(writeRows(store, ROWS[Number(keyOf[2])]))).toBe('FEATURE_UNAVAILABLE');
  expect(now() - knownMs).toBeLessThan(1000);
  cluster.nodes[2].resume();
  await cluster.untilOk([2]);
  expect(await msUntilWhole()).toBeLessThan(2000);
});

describe('who we are', () => {
  beforeEach(async () => {
    const commands = [...Object.keys(REDIS_COMMANDS), ...Object.keys(REDIS_CLUSTER_COMMANDS)];
    const allowed = commands.map((command) => `+${command.replace(' ', '|')}`);
    for (const at of cluster.nodes.keys()) {
      await cluster.admin(at).acl('SETUSER', 'least', 'on', '>its password', '~nyc:*', '-@all', ...allowed);
    }
  });

  test.each(ENCODINGS)('goes for every node, and needs no right beyond those that are told (%s)', async (encoding) => {
    const login = { username: 'least', password: 'its password' };
    store = await open({ ...login, encoding, readFrom: 'replica', expiryMs: 600_000 });
    await writeRows(store, ...ROWS);
    expect([...(await fetchNumbers(store, KEYS)).values[0]]).toEqual(ROWS.map(({ values }) => values.n));
    expect(await store.isEmpty('plane')).toBe(false);
  });

  test('is turned away with a wrong password: the store opens, and its fetches say so without telling secrets', async () => {
    store = await open({ username: 'least', password: 'secret-but-wrong' });
    expect(store.isReachable).toBe(false);
    const failure = await fetchNumbers(store, ['a']).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: 'FEATURE_UNAVAILABLE', message: 'The store "online" cannot be reached.' });
    const { errors } = (failure as Error).cause as AggregateError;
    expect(errors[0]).toMatchObject({ cause: { message: expect.stringContaining('WRONGPASS') } });
  });
});

test('a cluster that is down stops nothing: the store opens, says so at once, and finds it when it comes', async () => {
  store = await open();
  await Promise.all(cluster.nodes.map((node) => node.kill()));
  while (store.isReachable) await setImmediate();
  const other = await open();
  expect(other.isReachable).toBe(false);
  const startedMs = now();
  for (let at = 0; at < 100; at++) {
    expect(await codeOf(fetchNumbers(store, KEYS))).toBe('FEATURE_UNAVAILABLE');
    expect(await codeOf(fetchNumbers(other, KEYS))).toBe('FEATURE_UNAVAILABLE');
  }
  expect(now() - startedMs).toBeLessThan(1000);
  expect(await codeOf(writeRows(other, ROWS[0]))).toBe('FEATURE_UNAVAILABLE');
  expect(await codeOf(other.isEmpty('plane'))).toBe('FEATURE_UNAVAILABLE');
  await Promise.all(cluster.nodes.map((node) => node.run()));
  await cluster.untilOk();
  for (const each of [store, other]) {
    for (const key of keyOf) expect(await msUntilRead(each, key)).toBeLessThan(2000);
    expect(each.isReachable).toBe(true);
  }
  await other.close();
});
