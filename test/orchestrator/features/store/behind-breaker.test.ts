import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../../../foundation/errors.ts';
import { OPEN_MS } from '../../../../orchestrator/features/breaker.ts';
import { RowBlock } from '../../../../orchestrator/features/row-block.ts';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { behindBreaker } from '../../../../orchestrator/features/store/behind-breaker.ts';
import { StoreUnreachable } from '../../../../orchestrator/features/store/store-unreachable.ts';
import type { Columns } from '../../../../orchestrator/plan/column.ts';

let nowMs: number;
beforeEach(() => {
  nowMs = 0;
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());

const pass = (ms: number): void => {
  nowMs += ms;
  vi.setSystemTime(Date.now() + ms);
};

/** A store whose fetches fail as `failure` says, if it does, behind its breaker; how often it was asked. */
function opened(hasConnection = true): {
  store: Store;
  asked: () => number;
  failWith: (failure?: AppError) => void;
} {
  let failure: AppError | undefined;
  let asked = 0;
  const bare = {
    source: () => ({
      fetch: async ({ count }: { count: number }) => {
        asked++;
        if (failure) throw failure;
        return new RowBlock([], count).columns;
      },
    }),
    get isReachable() {
      return hasConnection ? true : undefined;
    },
  } as unknown as Store;
  return {
    store: behindBreaker(bare, { name: 'online', timeoutMs: 30, now: () => nowMs }),
    asked: () => asked,
    failWith(next) {
      failure = next;
    },
  };
}

async function fetchIn(store: Store, remainingMs = 100): Promise<Columns> {
  const options = { asOfMs: 0, deadlineMs: nowMs + remainingMs, signal: new AbortController().signal };
  return store.source('plane').fetch({ count: 1, text: ['a'] }, [], options);
}

async function fail(store: Store, times: number, remainingMs?: number): Promise<void> {
  for (let at = 0; at < times; at++) await expect(fetchIn(store, remainingMs)).rejects.toBeInstanceOf(AppError);
}

const REFUSED = new AppError('FEATURE_UNAVAILABLE', 'The store refused.');
const LATE = new AppError('DEADLINE_EXCEEDED', 'The store was late.');

test('five failures in a row, and the store is left alone for a second, then asked once', async () => {
  const { store, asked, failWith } = opened();
  failWith(REFUSED);
  await fail(store, 5);
  expect([asked(), store.isReachable]).toEqual([5, false]);
  await expect(fetchIn(store)).rejects.toMatchObject({ code: 'FEATURE_UNAVAILABLE', message: /left alone/ });
  expect(asked()).toBe(5);
  pass(OPEN_MS);
  failWith();
  expect((await fetchIn(store)).rows).toBe(1);
  expect([asked(), store.isReachable]).toEqual([6, true]);
});

test('a fetch that had no time, or whose caller left, or that found no connection, is not held against the store', async () => {
  const { store, asked, failWith } = opened();
  failWith(LATE);
  await fail(store, 20, 10);
  failWith(new AppError('CANCELLED', 'The caller has gone.'));
  await fail(store, 20);
  failWith(new StoreUnreachable('online', undefined));
  await fail(store, 20);
  failWith();
  await fetchIn(store);
  expect([asked(), store.isReachable]).toEqual([61, true]);
});

test('a fetch that had time and was late is, unless the store has a connection that finds silence out by itself', async () => {
  const connected = opened();
  connected.failWith(LATE);
  await fail(connected.store, 20);
  expect(connected.asked()).toBe(20);
  const { store, asked, failWith } = opened(false);
  failWith(LATE);
  await fail(store, 9);
  expect(asked()).toBe(5);
});
