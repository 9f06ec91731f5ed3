import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../../foundation/errors.ts';
import {
  ask,
  askNow,
  cache,
  cells,
  code,
  fill,
  open,
  openForEachTest,
  row,
  settled,
  source,
  TTL,
} from './opened-cache.ts';

openForEachTest();

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

describe('a row that is expired', () => {
  it('is fetched anew before any answer, and stands in only where that fails', async () => {
    open({ staleWhileRevalidate: 5000, staleIfError: 10_000 });
    await fill('a', 1);
    await fill('b', 1);
    cache.expire(['a']);
    const failing = ask(['a']);
    source.last.fail(new Error('down'));
    expect((await cells(failing))[0][0]).toBe('1 ERROR stale');
    expect(askNow('b')[0][0]).toBe('1 PRESENT cache');
    cache.expire();
    const mended = ask(['a', 'b']);
    source.last.answer(() => row(2));
    expect((await cells(mended)).map(([n]) => n)).toEqual(['2 PRESENT service', '2 PRESENT service']);
  });

  it('is gone without staleIfError', async () => {
    await fill('a', 1);
    cache.expire(['a']);
    const failing = ask(['a']);
    source.last.fail(new AppError('FEATURE_UNAVAILABLE', 'down'));
    expect(await code(failing)).toBe('FEATURE_UNAVAILABLE');
    expect(cache.counters.entries).toBe(0);
  });
});
