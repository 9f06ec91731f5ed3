import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CallSignal } from '../../../../foundation/cancel-signal.ts';
import { openViewCache, type ViewCache } from '../../../../orchestrator/features/cache/view-cache.ts';
import type { FeatureSource } from '../../../../orchestrator/features/source.ts';
import { cellsOf, columnsOf, FIELDS, keysOf, viewOf } from '../controlled-source.ts';

const CONFIG = { ttl: 10_000, maxEntries: 1000 };
let startMs = 0;
const now = () => Date.now() - startMs;
let cache: ViewCache;
let cached: FeatureSource;
let asked: { atMs: number; keys: readonly string[] }[];
let isDown: boolean;
let freshMs: number | undefined;
/** Draws between 0 and 1, the same in each run. */
let draw: number;

beforeEach(() => {
  vi.useFakeTimers({ toNotFake: ['setImmediate', 'clearImmediate'] });
  startMs = Date.now();
  [asked, isDown, freshMs, draw] = [[], false, undefined, 0];
  const random = () => (draw = (draw + 0.37) % 1);
  cache = openViewCache(viewOf(CONFIG), CONFIG, { now, random });
  cached = cache.over({
    async fetch(keys, fields) {
      asked.push({ atMs: now(), keys: [...keys.text] });
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (isDown) throw new Error('down');
      const columns = columnsOf(keys.text, fields, () => ({ n: asked.length, s: 'x' }));
      return freshMs === undefined ? columns : { ...columns, freshMs: new Float64Array(keys.count).fill(freshMs) };
    },
  });
});
afterEach(() => {
  cache.close();
  const timers = vi.getTimerCount();
  vi.useRealTimers();
  if (timers > 0) throw new Error(`${timers} timers are left`);
});

/** The source of a hit; throws where it had to be fetched. */
function sourceOf(key: string): string {
  const answer = cached.fetch(keysOf(key), FIELDS, { asOfMs: 0, deadlineMs: now() + 50, signal: new CallSignal() });
  if (answer instanceof Promise) throw new Error(`${key} is not there at ${now()} ms`);
  return cellsOf(answer)[0][0].split(' ').slice(1).join(' ');
}

async function warm(keys: string[]): Promise<void> {
  const warmed = cache.keepWarm(keys);
  await vi.advanceTimersByTimeAsync(100);
  await warmed;
}

it('fetches the keys at once and then ahead of their expiry, so that nobody ever waits for them', async () => {
  await warm(['a', 'b', 'c']);
  for (let i = 0; i < 200; i++) {
    await vi.advanceTimersByTimeAsync(500);
    expect(['a', 'b', 'c'].map(sourceOf)).toEqual(['PRESENT cache', 'PRESENT cache', 'PRESENT cache']);
  }
  const times = asked.filter(({ keys }) => keys.includes('a')).length;
  expect(times).toBeGreaterThan(9);
  expect(times).toBeLessThan(17);
});

it('follows a freshness that the service says', async () => {
  freshMs = 6000;
  await warm(['a']);
  for (let i = 0; i < 60; i++) {
    await vi.advanceTimersByTimeAsync(500);
    expect(sourceOf('a')).toBe('PRESENT cache');
  }
});

it('fetches a bounded number of keys at a time, one fetch after the other', async () => {
  await warm(Array.from({ length: 1200 }, (_, i) => `k${i}`));
  expect(asked.map(({ keys }) => keys.length)).toEqual([500, 500]);
  expect(asked[1].atMs - asked[0].atMs).toBe(5);
  expect(cache.counters).toMatchObject({ entries: 1000, evictions: 0 });
});

it('goes on when the service is back', async () => {
  isDown = true;
  await warm(['a']);
  isDown = false;
  await vi.advanceTimersByTimeAsync(2000);
  expect(sourceOf('a')).toBe('PRESENT cache');
});

it('keeps only the last list', async () => {
  await warm(['a']);
  await warm(['b']);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked.filter(({ keys }) => keys.includes('a')).length).toBe(1);
  await warm([]);
  expect(vi.getTimerCount()).toBe(0);
});
