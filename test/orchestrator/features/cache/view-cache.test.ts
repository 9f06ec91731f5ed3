import { describe, expect, it, vi } from 'vitest';
import { CallSignal } from '../../../../foundation/cancel-signal.ts';
import type { FeatureSource } from '../../../../orchestrator/features/source.ts';
import { cellsOf, columnsOf, FIELDS, keysOf, WRONG_TYPE } from '../controlled-source.ts';
import {
  ask,
  askOver,
  askNow,
  cache,
  cached,
  cells,
  fill,
  now,
  open,
  openForEachTest,
  row,
  source,
  TTL,
} from './opened-cache.ts';

openForEachTest();

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
    askOver(atHand);
    expect(askNow('a', 'b')[1][0]).toBe('1 PRESENT service');
    expect(askNow('b', 'c').map(([n]) => n)).toEqual(['1 PRESENT cache', '1 PRESENT service']);
    expect(calls).toBe(2);
  });

  it('forgets what it is told to, also what is on its way', async () => {
    await fill('a', 1);
    await fill('b', 2);
    cache.expire(['a']);
    expect(askNow('b').length).toBe(1);
    const before = ask(['a']);
    const [, , first] = source.asked;
    cache.expire();
    const after = ask(['a']);
    source.last.answer(() => row(4));
    first.answer(() => row(3));
    expect((await cells(before))[0][0]).toBe('3 PRESENT service');
    expect((await cells(after))[0][0]).toBe('4 PRESENT service');
    expect(askNow('a')[0][0]).toBe('4 PRESENT cache');
    expect(cache.counters.entries).toBe(1);
  });
});
