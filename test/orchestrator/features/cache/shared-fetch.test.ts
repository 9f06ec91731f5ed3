import { describe, expect, it, vi } from 'vitest';
import { CallSignal } from '../../../../foundation/cancel-signal.ts';
import {
  ask,
  askOver,
  askNow,
  cache,
  cells,
  code,
  fill,
  openForEachTest,
  row,
  settled,
  source,
} from './opened-cache.ts';

openForEachTest();

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
    askOver(source, 1);
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
