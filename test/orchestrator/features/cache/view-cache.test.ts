import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CacheConfig } from '../../../../config/schema.ts';
import { AppError } from '../../../../foundation/errors.ts';
import { CallSignal } from '../../../../foundation/cancel-signal.ts';
import { openViewCache, type ViewCache } from '../../../../orchestrator/features/cache/view-cache.ts';
import type { Columns } from '../../../../orchestrator/plan/column.ts';
import type { FeatureSource } from '../../../../orchestrator/features/source.ts';
import { cellsOf, columnsOf, ControlledSource, FIELDS, keysOf, viewOf, WRONG_TYPE } from '../controlled-source.ts';

const TTL = 1000;
const config = (more: Partial<CacheConfig> = {}): CacheConfig => ({ ttl: TTL, maxEntries: 100, ...more });
const row = (n: number) => ({ n, s: `text ${n}` });

let startMs = 0;
const now = () => Date.now() - startMs;
let source: ControlledSource;
let cache: ViewCache;
let cached: FeatureSource;

/** Jitter draws 0.5: times are as configured. */
function open(more?: Partial<CacheConfig>, random: () => number = () => 0.5): void {
  source = new ControlledSource();
  cache = openViewCache(viewOf(config(more)), config(more), { now, random });
  cached = cache.over(source);
}

interface Asking {
  deadlineInMs?: number;
  signal?: CallSignal;
}

function ask(
  text: string[],
  { deadlineInMs = 100, signal = new CallSignal() }: Asking = {},
): Columns | Promise<Columns> {
  return cached.fetch(keysOf(...text), FIELDS, { asOfMs: 0, deadlineMs: now() + deadlineInMs, signal });
}

/** What is there without waiting. */
function askNow(...text: string[]): string[][] {
  const answer = ask(text);
  if (answer instanceof Promise) throw new Error('had to wait');
  return cellsOf(answer);
}

async function fill(key: string, n: number): Promise<void> {
  const answer = ask([key]);
  source.last.answer(() => row(n));
  await answer;
}

const cells = async (answer: Columns | Promise<Columns>) => cellsOf(await answer);
const settled = () => vi.advanceTimersByTimeAsync(0);
const code = async (answer: Columns | Promise<Columns>): Promise<string> => {
  try {
    return `rows ${(await answer).rows}`;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

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

describe('a cache', () => {
  it('answers a fresh row at once, and fetches it anew after its ttl', async () => {
    await fill('a', 1);
    await vi.advanceTimersByTimeAsync(TTL - 1);
    expect(askNow('a')).toEqual([['1 PRESENT cache', 'text 1 PRESENT cache']]);
    await vi.advanceTimersByTimeAsync(1);
    const answer = ask(['a']);
    expect(source.asked.length).toBe(2);
    source.last.answer(() => row(2));
    expect(await cells(answer)).toEqual([['2 PRESENT service', 'text 2 PRESENT service']]);
    expect(cache.counters).toMatchObject({ hits: 1, misses: 2, entries: 1, servedAgeMs: TTL - 1 });
  });

  it('draws the end of each row within a tenth of the ttl', async () => {
    const draws = [0, 0.999_999];
    open({}, () => draws.shift() ?? 0.5);
    const answer = ask(['early', 'late']);
    source.last.answer(() => row(1));
    await answer;
    await vi.advanceTimersByTimeAsync(TTL * 0.9);
    const expired = ask(['early']);
    source.last.answer(() => row(2));
    expect((await cells(expired))[0][0]).toBe('2 PRESENT service');
    await vi.advanceTimersByTimeAsync(TTL * 0.2 - 1);
    expect(askNow('late')[0][0]).toBe('1 PRESENT cache');
  });

  it('answers any choice of the fields from rows fetched for another', async () => {
    await fill('a', 1);
    expect(source.last.fields).toEqual(['n', 's']);
    const options = { asOfMs: 0, deadlineMs: now() + 100, signal: new CallSignal() };
    const answer = await cached.fetch(keysOf('a'), [FIELDS[1]], options);
    expect(cellsOf(answer)).toEqual([['text 1 PRESENT cache']]);
  });

  it('keeps a shorter freshness that the service says', async () => {
    const answer = ask(['a', 'b', 'c']);
    source.last.answer(() => row(1), { freshMs: Float64Array.of(10, Number.NaN, TTL * 5) });
    await answer;
    await vi.advanceTimersByTimeAsync(10);
    expect(askNow('b', 'c').length).toBe(2);
    await fill('a', 2);
    expect(source.last.keys).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(TTL - 10);
    await fill('c', 2);
    expect(source.last.keys).toEqual(['c']);
  });

  it('keeps that there is no row for negativeTtl, nulls as values, and never a failed key', async () => {
    open({ negativeTtl: 100, staleIfError: 10_000 });
    const given = { none: 'NOT_FOUND', null: { n: null, s: 'x' }, late: 'TIMEOUT', bad: 'ERROR' } as const;
    const answer = ask(Object.keys(given));
    source.last.answer((key) => given[key as keyof typeof given]);
    expect((await cells(answer)).map(([n]) => n)).toEqual([
      'NaN NOT_FOUND service',
      'NaN NULL_VALUE service',
      'NaN TIMEOUT none',
      'NaN ERROR none',
    ]);
    expect(askNow('none', 'null')).toEqual([
      ['NaN NOT_FOUND cache', 'null NOT_FOUND cache'],
      ['NaN NULL_VALUE cache', 'x PRESENT cache'],
    ]);
    expect(cache.counters).toMatchObject({ hits: 2, negativeHits: 1, entries: 2 });
    await vi.advanceTimersByTimeAsync(100);
    const again = ask(['none', 'null', 'late', 'bad']);
    expect(source.last.keys).toEqual(['none', 'late', 'bad']);
    source.last.answer(() => row(1));
    await again;
  });

  it('keeps a row with a value of the wrong type no longer than negativeTtl', async () => {
    open({ negativeTtl: 100 });
    const answer = ask(['a']);
    source.last.answer(() => ({ n: WRONG_TYPE, s: 'x' }));
    expect(await cells(answer)).toEqual([['NaN ERROR service', 'x PRESENT service']]);
    expect(askNow('a')).toEqual([['NaN ERROR cache', 'x PRESENT cache']]);
    await vi.advanceTimersByTimeAsync(100);
    await fill('a', 1);
    expect(source.asked.length).toBe(2);
  });

  it('prefers a sound stale row to a new one with a value of the wrong type', async () => {
    open({ negativeTtl: 100, staleIfError: 10_000 });
    await fill('a', 1);
    await vi.advanceTimersByTimeAsync(TTL);
    const answer = ask(['a']);
    source.last.answer(() => ({ n: WRONG_TYPE, s: 'x' }));
    const stale = [['1 ERROR stale', 'text 1 ERROR stale']];
    expect(await cells(answer)).toEqual(stale);
    await vi.advanceTimersByTimeAsync(99);
    expect(askNow('a')).toEqual(stale);
    await vi.advanceTimersByTimeAsync(1);
    const mended = ask(['a']);
    source.last.answer(() => row(2));
    expect((await cells(mended))[0][0]).toBe('2 PRESENT service');
  });

  it('answers what it keeps even of a source that is synchronous, without a promise', () => {
    let calls = 0;
    const atHand: FeatureSource = {
      fetch(keys, fields) {
        calls++;
        return columnsOf(keys.text, fields, () => row(1));
      },
    };
    cached = cache.over(atHand);
    expect(askNow('a', 'b')[1][0]).toBe('1 PRESENT service');
    expect(askNow('b', 'c').map(([n]) => n)).toEqual(['1 PRESENT cache', '1 PRESENT service']);
    expect(calls).toBe(2);
  });

  it('forgets what it is told to, also what is on its way', async () => {
    await fill('a', 1);
    await fill('b', 2);
    cache.drop(['a']);
    expect(askNow('b').length).toBe(1);
    const before = ask(['a']);
    const [, , first] = source.asked;
    cache.drop();
    const after = ask(['a']);
    source.last.answer(() => row(4));
    first.answer(() => row(3));
    expect((await cells(before))[0][0]).toBe('3 PRESENT service');
    expect((await cells(after))[0][0]).toBe('4 PRESENT service');
    expect(askNow('a')[0][0]).toBe('4 PRESENT cache');
    expect(cache.counters.entries).toBe(1);
  });
});

describe('staleWhileRevalidate', () => {
  beforeEach(() => open({ staleWhileRevalidate: 5000 }));

  it('serves a stale row at once while one refresh runs, however many ask', async () => {
    await fill('a', 1);
    await vi.advanceTimersByTimeAsync(TTL);
    for (let i = 0; i < 5; i++) expect(askNow('a')).toEqual([['1 PRESENT stale', 'text 1 PRESENT stale']]);
    expect(source.asked.length).toBe(2);
    source.last.answer(() => row(2));
    await settled();
    expect(askNow('a')[0][0]).toBe('2 PRESENT cache');
    expect(cache.counters).toMatchObject({ stale: 5, refreshes: 1, refreshFailures: 0 });
  });

  it('leaves the row as it is when a refresh fails, and tries again after a while', async () => {
    await fill('a', 1);
    await vi.advanceTimersByTimeAsync(TTL);
    askNow('a');
    source.last.fail(new Error('down'));
    await settled();
    expect(askNow('a')[0][0]).toBe('1 PRESENT stale');
    expect(source.asked.length).toBe(2);
    await vi.advanceTimersByTimeAsync(500);
    expect(askNow('a')[0][0]).toBe('1 PRESENT stale');
    expect(source.asked.length).toBe(3);
    expect(cache.counters).toMatchObject({ refreshes: 2, refreshFailures: 1 });
    source.last.answer(() => row(2));
    await settled();
  });

  it('waits for the fetch after its end', async () => {
    await fill('a', 1);
    await vi.advanceTimersByTimeAsync(5000);
    const answer = ask(['a']);
    source.last.answer(() => row(2));
    expect((await cells(answer))[0][0]).toBe('2 PRESENT service');
  });
});

describe('staleIfError', () => {
  beforeEach(async () => {
    open({ staleIfError: 10_000 });
    await fill('a', 1);
    await vi.advanceTimersByTimeAsync(TTL);
  });

  it('serves the row with the failure of the whole fetch', async () => {
    const answer = ask(['a']);
    source.last.fail(new AppError('FEATURE_UNAVAILABLE', 'The service is down.'));
    expect(await cells(answer)).toEqual([['1 ERROR stale', 'text 1 ERROR stale']]);
  });

  it('serves the row with the failure of its key, and the others as they came', async () => {
    const answer = ask(['b', 'a', 'c']);
    source.last.answer((key) => (key === 'b' ? row(7) : 'TIMEOUT'));
    expect((await cells(answer)).map(([n]) => n)).toEqual(['7 PRESENT service', '1 TIMEOUT stale', 'NaN TIMEOUT none']);
  });

  it('serves the row at the deadline of the caller, and what arrives later is kept', async () => {
    const answer = ask(['a'], { deadlineInMs: 30 });
    await vi.advanceTimersByTimeAsync(30);
    expect(await cells(answer)).toEqual([['1 TIMEOUT stale', 'text 1 TIMEOUT stale']]);
    source.last.answer(() => row(2));
    await settled();
    expect(askNow('a')[0][0]).toBe('2 PRESENT cache');
  });

  it('serves the row at once for a while after a failure, and then tries again', async () => {
    const answer = ask(['a']);
    source.last.fail(new AppError('DEADLINE_EXCEEDED', 'Too slow.'));
    await answer;
    expect(askNow('a')[0][0]).toBe('1 TIMEOUT stale');
    await vi.advanceTimersByTimeAsync(500);
    const recovered = ask(['a']);
    source.last.answer(() => row(2));
    expect((await cells(recovered))[0][0]).toBe('2 PRESENT service');
  });

  it('ends: then the failure is all there is', async () => {
    await vi.advanceTimersByTimeAsync(9000);
    const answer = ask(['a']);
    source.last.fail(new AppError('FEATURE_UNAVAILABLE', 'The service is down.'));
    expect(await code(answer)).toBe('FEATURE_UNAVAILABLE');
  });
});

describe('callers that ask for the same cold key', () => {
  it('share one fetch, and ask only for what nobody fetches', async () => {
    const first = ask(['a', 'b']);
    const second = ask(['c', 'b', 'a']);
    expect(source.asked.map(({ keys }) => keys)).toEqual([['a', 'b'], ['c']]);
    source.asked[0].answer((key) => row(key.charCodeAt(0)));
    expect((await cells(first)).map(([n]) => n)).toEqual(['97 PRESENT service', '98 PRESENT service']);
    source.asked[1].answer((key) => row(key.charCodeAt(0)));
    expect((await cells(second)).map(([n]) => n)).toEqual([99, 98, 97].map((n) => `${n} PRESENT service`));
  });

  it('each leave at their own deadline or cancel, which is nothing to the others', async () => {
    const signal = new CallSignal();
    const cancelled = code(ask(['a'], { signal }));
    const late = code(ask(['a'], { deadlineInMs: 20 }));
    const patient = ask(['a'], { deadlineInMs: 90 });
    signal.abort();
    await vi.advanceTimersByTimeAsync(20);
    expect([await cancelled, await late]).toEqual(['CANCELLED', 'DEADLINE_EXCEEDED']);
    source.last.answer(() => row(1));
    expect((await cells(patient))[0][0]).toBe('1 PRESENT service');
    expect(source.asked.length).toBe(1);
  });

  it('are told late only of what is late', async () => {
    await fill('a', 1);
    const answer = ask(['a', 'b'], { deadlineInMs: 20 });
    await vi.advanceTimersByTimeAsync(20);
    expect((await cells(answer)).map(([n]) => n)).toEqual(['1 PRESENT cache', 'NaN TIMEOUT none']);
  });

  it('may all leave: the fetch goes on and fills the cache', async () => {
    const signal = new CallSignal();
    const left = code(ask(['a'], { signal }));
    signal.abort();
    await left;
    expect(source.last.options.signal.aborted).toBe(false);
    source.last.answer(() => row(1));
    await settled();
    expect(askNow('a')[0][0]).toBe('1 PRESENT cache');
  });

  it('leave no more than a bounded number of fetches behind', async () => {
    const signal = new CallSignal();
    const left = Array.from({ length: 100 }, (_, i) => code(ask([`k${i}`], { signal })));
    signal.abort();
    await Promise.all(left);
    expect(source.asked.filter(({ options }) => !options.signal.aborted).length).toBe(64);
  });

  it('are not kept for ever by a source that never answers', async () => {
    const answer = code(ask(['a']));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await answer).toBe('DEADLINE_EXCEEDED');
    expect(source.last.options.signal.aborted).toBe(true);
    const again = ask(['a']);
    expect(source.asked.length).toBe(2);
    source.last.answer(() => row(1));
    expect((await cells(again))[0][0]).toBe('1 PRESENT service');
  });

  it('get what is there by their deadline where the source makes a call a key', async () => {
    cached = cache.over(source, 1);
    const answer = ask(['a', 'b'], { deadlineInMs: 20 });
    expect(source.asked.map(({ keys }) => keys)).toEqual([['a'], ['b']]);
    source.asked[0].answer(() => row(1));
    await vi.advanceTimersByTimeAsync(20);
    expect((await cells(answer)).map(([n]) => n)).toEqual(['1 PRESENT service', 'NaN TIMEOUT none']);
    source.asked[1].answer(() => row(2));
  });

  it('are told when the cache closes', async () => {
    const answer = code(ask(['a']));
    cache.close();
    expect(await answer).toBe('CANCELLED');
    expect(source.last.options.signal.aborted).toBe(true);
    expect(cache.keysInFlight).toBe(0);
  });
});
