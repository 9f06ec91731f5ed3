import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { MASTER_NAME, RedisSentinels } from '../../../servers/redis-sentinel.ts';
import { codeOf, msUntilRead, readUnderLoad } from './redis-load.ts';
import { fetchNumbers, now, writeRows } from './numbers.ts';
import { openTestStore } from './redis-under-test.ts';

const ROWS = Array.from({ length: 50 }, (_, n) => ({ key: `${n}`, values: { n } }));
const KEYS = ROWS.map(({ key }) => key);
const NUMBERS = ROWS.map(({ values }) => values.n);

let group: RedisSentinels;
let store: Store;
beforeEach(async () => {
  group = await RedisSentinels.start(1);
});
afterEach(async () => {
  await store.close();
  await group.stop();
});

const open = (options: Parameters<typeof openTestStore>[0] = {}): Promise<Store> =>
  openTestStore({ sentinel: { name: MASTER_NAME, urls: group.urls }, timeoutMs: 1000, ...options });

describe('a master that sentinels name', () => {
  test('and that is killed under load: nothing wrong is answered, and the one that follows is found', async () => {
    store = await open();
    await writeRows(store, ...ROWS);
    await group.untilFollows(1, 0);
    const load = readUnderLoad(store, ROWS.length);
    while (load.answered < 200) await setImmediate();
    await group.servers[0].kill();
    while ((await codeOf(fetchNumbers(store, KEYS))) === undefined) await setImmediate();
    expect(await codeOf(writeRows(store, ...ROWS))).toBe('FEATURE_UNAVAILABLE');
    expect(store.isReachable).toBe(false);
    await group.untilIsMaster(1);
    expect(await msUntilRead(store)).toBeLessThan(2000);
    await load.end();
    expect(load).toMatchObject({ absent: 0, wrong: 0 });
    expect(load.failed).toBeGreaterThan(0);
    // One that comes back takes itself for the master until it is told: nobody is to believe it.
    await group.servers[0].run();
    await writeRows(store, { key: 'later', values: { n: 1 } });
    expect([...(await fetchNumbers(store, ['later', ...KEYS])).values[0]]).toEqual([1, ...NUMBERS]);
    expect(await group.admin(1).exists('nyc:plane:later')).toBe(1);
  });

  test('and that is silent: it fails at the timeout of the store, and the one that follows is found', async () => {
    store = await open({ timeoutMs: 200 });
    await writeRows(store, ...ROWS);
    await group.untilFollows(1, 0);
    group.servers[0].pause();
    const startedMs = now();
    expect(await codeOf(fetchNumbers(store, KEYS))).toBe('DEADLINE_EXCEEDED');
    expect(now() - startedMs).toBeGreaterThanOrEqual(199);
    await group.untilIsMaster(1);
    expect(await msUntilRead(store)).toBeLessThan(2000);
    expect([...(await fetchNumbers(store, KEYS)).values[0]]).toEqual(NUMBERS);
    await writeRows(store, { key: 'later', values: { n: 1 } });
    group.servers[0].resume();
    expect([...(await fetchNumbers(store, ['later'])).values[0]]).toEqual([1]);
  });

  test('and that gives way to its replica, though both are well: rows are written to the new one', async () => {
    store = await open();
    await writeRows(store, ...ROWS);
    await group.untilFollows(1, 0);
    await group.adminOfSentinel(0).call('sentinel', 'failover', MASTER_NAME);
    await group.untilIsMaster(1);
    const startedMs = now();
    // The old one takes rows too, and will lose them.
    while ((await group.admin(1).exists('nyc:plane:later')) === 0) {
      await codeOf(writeRows(store, { key: 'later', values: { n: 1 } }));
    }
    expect(now() - startedMs).toBeLessThan(2000);
    expect([...(await fetchNumbers(store, ['later', ...KEYS])).values[0]]).toEqual([1, ...NUMBERS]);
  });
});
