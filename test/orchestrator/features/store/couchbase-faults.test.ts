import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError, type ErrorCode } from '../../../../foundation/errors.ts';
import type { Store } from '../../../../orchestrator/features/source.ts';
import type { CouchbaseStoreOptions } from '../../../../orchestrator/features/store/couchbase.ts';
import { Status, statusOf } from '../../../../orchestrator/plan/column.ts';
import { CouchbaseServer } from '../../../servers/couchbase.ts';
import { fetchNumbers, now, writeRows } from './numbers.ts';
import { openTestStore } from './couchbase-under-test.ts';

/** Codes of the protocol. */
const [GET, GET_REPLICA] = [0x00, 0x83];

let server: CouchbaseServer;
let store: Store;
beforeEach(async () => {
  server = await CouchbaseServer.prepare();
});
afterEach(async () => {
  server.resume();
  await store.close();
  await server.kill();
});

const open = async (options: Partial<CouchbaseStoreOptions> = {}): Promise<void> => {
  store = await openTestStore({ url: server.url, ...options });
};

/** The code that a promise rejects with; undefined where it does not. */
const codeOf = (asked: Promise<unknown>): Promise<ErrorCode | undefined> =>
  asked.then(
    () => undefined,
    (cause: unknown) => {
      if (cause instanceof AppError) return cause.code;
      throw cause;
    },
  );

/** Reads until there is an answer, and says how long that took. */
async function msUntilRead(): Promise<number> {
  const startedMs = now();
  while ((await codeOf(fetchNumbers(store, ['a'], { deadlineMs: now() + 100 }))) !== undefined) await setImmediate();
  return now() - startedMs;
}

describe('a cluster that is down', () => {
  test('stops nothing: the store opens, says so at once, and finds it when it comes', async () => {
    const openedMs = now();
    await open({ bootstrapTimeoutMs: 1000 });
    expect(now() - openedMs).toBeLessThan(2000);
    const startedMs = now();
    for (let at = 0; at < 100; at++) expect(await codeOf(fetchNumbers(store, ['a']))).toBe('FEATURE_UNAVAILABLE');
    expect(now() - startedMs).toBeLessThan(500);
    expect(await codeOf(writeRows(store, { key: 'a', values: { n: 1 } }))).toBe('FEATURE_UNAVAILABLE');
    expect(await codeOf(store.isEmpty('plane'))).toBe('FEATURE_UNAVAILABLE');
    expect(store.isReachable).toBe(false);
    await server.run();
    expect(await msUntilRead()).toBeLessThan(2000);
    expect(store.isReachable).toBe(true);
  });

  test('can be closed all the same, and a closed store has nothing to say', async () => {
    await open({ bootstrapTimeoutMs: 300 });
    await store.close();
    expect(await codeOf(fetchNumbers(store, ['a']))).toBe('FEATURE_UNAVAILABLE');
    expect(store.isReachable).toBe(false);
  });
});

describe('a cluster that goes', () => {
  test('under load fails what is asked meanwhile, answers nothing wrong, and is found again with other addresses', async () => {
    await server.run();
    await open({ timeoutMs: 1000 });
    const rows = Array.from({ length: 50 }, (_, n) => ({ key: `${n}`, values: { n } }));
    await writeRows(store, ...rows);
    const load = { isOver: false, answered: 0, failed: 0, wrong: 0 };
    const readers = Array.from({ length: 16 }, async (_, reader) => {
      const keys = [`${reader}`, `${49 - reader}`];
      while (!load.isOver) {
        try {
          const columns = await fetchNumbers(store, keys);
          load.answered++;
          // The server keeps nothing over its end: an absent row is right, another number is not.
          keys.forEach((key, row) => {
            const value = columns.values[0][row];
            const isRow = statusOf(columns.states[0][row]) === Status.PRESENT;
            if (isRow ? value !== Number(key) : !Number.isNaN(value)) load.wrong++;
          });
        } catch (cause) {
          if (!(cause instanceof AppError)) throw cause;
          load.failed++;
          await setImmediate();
        }
      }
    });
    for (let time = 0; time < 3; time++) {
      const answered = load.answered;
      while (load.answered < answered + 200) await setImmediate();
      await server.kill();
      while ((await codeOf(fetchNumbers(store, ['a']))) !== 'FEATURE_UNAVAILABLE') await setImmediate();
      await server.run();
      expect(await msUntilRead()).toBeLessThan(2000);
      await writeRows(store, ...rows);
    }
    load.isOver = true;
    await Promise.all(readers);
    expect(load.wrong).toBe(0);
    expect(load.failed).toBeGreaterThan(0);
    expect([...(await fetchNumbers(store, ['7'])).values[0]]).toEqual([7]);
  });

  test('is waited for no longer than the deadline, or the timeout of the store; then it is known to be silent', async () => {
    await server.run();
    await open({ timeoutMs: 200 });
    await writeRows(store, { key: 'a', values: { n: 1 } });
    await server.pause();
    const startedMs = now();
    expect(await codeOf(fetchNumbers(store, ['a'], { deadlineMs: startedMs + 50 }))).toBe('DEADLINE_EXCEEDED');
    // A timer may come within the millisecond before.
    expect(now() - startedMs).toBeGreaterThan(49);
    expect(now() - startedMs).toBeLessThan(1900);
    expect(await codeOf(fetchNumbers(store, ['a']))).toBe('DEADLINE_EXCEEDED');
    expect(now() - startedMs).toBeGreaterThan(248);
    while (store.isReachable) expect(await codeOf(fetchNumbers(store, ['a']))).toBeDefined();
    const knownMs = now();
    expect(knownMs - startedMs).toBeLessThan(4000);
    expect(await codeOf(fetchNumbers(store, ['a']))).toBe('FEATURE_UNAVAILABLE');
    expect(now() - knownMs).toBeLessThan(1000);
    server.resume();
    expect(await msUntilRead()).toBeLessThan(2000);
    expect([...(await fetchNumbers(store, ['a'])).values[0]]).toEqual([1]);
  });

  test('fails what still waits for it when it is known to be silent, however long it would wait', async () => {
    await server.run();
    await open();
    await writeRows(store, { key: 'a', values: { n: 1 } });
    await server.pause();
    const startedMs = now();
    const asked = [codeOf(fetchNumbers(store, ['a', 'b'])), codeOf(writeRows(store, { key: 'a', values: { n: 2 } }))];
    expect(await Promise.all(asked)).toEqual(['FEATURE_UNAVAILABLE', 'FEATURE_UNAVAILABLE']);
    expect(now() - startedMs).toBeLessThan(4000);
  });

  test('leaves no more in flight than is allowed: what waits for a place leaves at its deadline, or when it is cancelled', async () => {
    await server.run();
    await open({ maxInFlight: 1 });
    await server.pause();
    const caller = new AbortController();
    const first = codeOf(fetchNumbers(store, ['a'], { deadlineMs: now() + 100 }));
    const second = codeOf(fetchNumbers(store, ['b'], { deadlineMs: now() + 50 }));
    const third = codeOf(fetchNumbers(store, ['c'], { signal: caller.signal }));
    caller.abort();
    expect(await third).toBe('CANCELLED');
    expect(await second).toBe('DEADLINE_EXCEEDED');
    expect(await first).toBe('DEADLINE_EXCEEDED');
    const fourth = codeOf(fetchNumbers(store, ['d'], { signal: new AbortController().signal }));
    server.resume();
    expect(await fourth).toBeUndefined();
  });

  test('a fetch whose caller goes while it is on the wire ends, and the next answer is its own', async () => {
    await server.run();
    await open();
    await writeRows(store, { key: 'a', values: { n: 1 } }, { key: 'b', values: { n: 2 } });
    await server.pause();
    const caller = new AbortController();
    const gone = codeOf(fetchNumbers(store, ['a', 'b'], { signal: caller.signal }));
    const staying = fetchNumbers(store, ['b']);
    caller.abort();
    expect(await gone).toBe('CANCELLED');
    server.resume();
    expect([...(await staying).values[0]]).toEqual([2]);
  });

  test('a large fetch whose caller goes asks for none of the keys that are left', async () => {
    await server.run();
    await open({ maxInFlight: 4 });
    await server.watch();
    await server.pause();
    const caller = new AbortController();
    const gone = codeOf(fetchNumbers(store, Array.from({ length: 1000 }, String), { signal: caller.signal }));
    caller.abort();
    expect(await gone).toBe('CANCELLED');
    server.resume();
    await fetchNumbers(store, ['a']);
    expect(await server.timesAsked(GET)).toBeLessThanOrEqual(5);
  });
});

describe('a node of three that is silent', () => {
  const keys = Array.from({ length: 60 }, (_, at) => `k${at}`);
  const rows = keys.map((key, n) => ({ key, values: { n } }));

  test('makes its own rows late, at the deadline; the others are there, and the store goes on', async () => {
    await server.run();
    await open({ timeoutMs: 300 });
    await writeRows(store, ...rows);
    await server.silence(0);
    const columns = await fetchNumbers(store, keys, { deadlineMs: now() + 100 });
    const found = Array.from(columns.states[0], statusOf);
    expect(new Set(found)).toEqual(new Set([Status.PRESENT, Status.TIMEOUT]));
    found.forEach((status, n) => expect(columns.values[0][n]).toBe(status === Status.PRESENT ? n : Number.NaN));
    const there = keys.filter((_, at) => found[at] === Status.PRESENT);
    const late = keys.filter((_, at) => found[at] === Status.TIMEOUT);
    expect(await codeOf(fetchNumbers(store, late))).toBe('DEADLINE_EXCEEDED');
    // Beyond what a cluster takes to be known as silent.
    for (const startedMs = now(); now() - startedMs < 4000;) {
      expect(await codeOf(fetchNumbers(store, there))).toBeUndefined();
      expect(store.isReachable).toBe(true);
    }
  });

  test('is stood in for by the copies of its rows on the others, where that is allowed', async () => {
    await server.run();
    await open({ timeoutMs: 100, allowReplica: true });
    await writeRows(store, ...rows);
    await server.silence(1);
    const columns = await fetchNumbers(store, keys);
    expect([...columns.values[0]]).toEqual(rows.map(({ values }) => values.n));
    expect(new Set(Array.from(columns.states[0], statusOf))).toEqual(new Set([Status.PRESENT]));
  });

  test('is the only reason to ask for a copy: what is absent, or there in time, is not asked for again', async () => {
    await server.run();
    await open({ allowReplica: true });
    await writeRows(store, ...rows);
    await server.watch();
    await fetchNumbers(store, [...keys, 'gone']);
    expect(await server.timesAsked(GET)).toBe(keys.length + 1);
    expect(await server.timesAsked(GET_REPLICA)).toBe(0);
  });

  test('has no copy asked beyond the deadline', async () => {
    await server.run();
    await open({ timeoutMs: 10_000, allowReplica: true });
    await writeRows(store, ...rows);
    await server.silence(2);
    const startedMs = now();
    const columns = await fetchNumbers(store, keys, { deadlineMs: startedMs + 100 });
    // Long before the timeout of the store; on a busy machine the other nodes may be late too.
    expect(now() - startedMs).toBeLessThan(5000);
    expect(Array.from(columns.states[0], statusOf)).toContain(Status.TIMEOUT);
    expect(await server.timesAsked(GET_REPLICA)).toBe(0);
  });
});
