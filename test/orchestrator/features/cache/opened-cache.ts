import { afterEach, beforeEach, vi } from 'vitest';
import type { CacheConfig } from '../../../../config/schema.ts';
import { AppError } from '../../../../foundation/errors.ts';
import { CallSignal } from '../../../../foundation/cancel-signal.ts';
import { openViewCache, type ViewCache } from '../../../../orchestrator/features/cache/view-cache.ts';
import type { Columns } from '../../../../orchestrator/plan/column.ts';
import type { FeatureSource } from '../../../../orchestrator/features/source.ts';
import { cellsOf, ControlledSource, FIELDS, keysOf, viewOf } from '../controlled-source.ts';

export const TTL = 1000;
const config = (more: Partial<CacheConfig> = {}): CacheConfig => ({ ttl: TTL, maxEntries: 100, ...more });
export const row = (n: number) => ({ n, s: `text ${n}` });

let startMs = 0;
export const now = () => Date.now() - startMs;
export let source: ControlledSource;
export let cache: ViewCache;
export let cached: FeatureSource;

/** Jitter draws 0.5: times are as configured. */
export function open(more?: Partial<CacheConfig>, random: () => number = () => 0.5): void {
  source = new ControlledSource();
  cache = openViewCache(viewOf(config(more)), config(more), { now, random });
  cached = cache.over(source);
}

/** From here on the cache stands over this source; `keysPerFetch` as `ViewCache.over` takes it. */
export function askOver(other: FeatureSource, keysPerFetch?: number): void {
  cached = cache.over(other, keysPerFetch);
}

interface Asking {
  deadlineInMs?: number;
  signal?: CallSignal;
}

export function ask(
  text: string[],
  { deadlineInMs = 100, signal = new CallSignal() }: Asking = {},
): Columns | Promise<Columns> {
  return cached.fetch(keysOf(...text), FIELDS, { asOfMs: 0, deadlineMs: now() + deadlineInMs, signal });
}

/** What is there without waiting. */
export function askNow(...text: string[]): string[][] {
  const answer = ask(text);
  if (answer instanceof Promise) throw new Error('had to wait');
  return cellsOf(answer);
}

export async function fill(key: string, n: number): Promise<void> {
  const answer = ask([key]);
  source.last.answer(() => row(n));
  await answer;
}

export const cells = async (answer: Columns | Promise<Columns>) => cellsOf(await answer);
export const settled = () => vi.advanceTimersByTimeAsync(0);
export const code = async (answer: Columns | Promise<Columns>): Promise<string> => {
  try {
    return `rows ${(await answer).rows}`;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

/** Opens a cache on a clock of its own before each test of the file, and sees that no timer outlives it. */
export function openForEachTest(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toNotFake: ['setImmediate', 'clearImmediate'] });
    startMs = Date.now();
    open();
  });
  afterEach(async () => {
    await vi.advanceTimersByTimeAsync(20_000);
    cache.close();
    const timers = vi.getTimerCount();
    vi.useRealTimers();
    if (timers > 0) throw new Error(`${timers} timers are left`);
  });
}
