import { CircuitState } from 'cockatiel';
import { assert, double, property } from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { CallSignal } from '../../../../foundation/cancel-signal.ts';
import { freshnessMs, retryAfterMs } from '../../../../orchestrator/features/service/answer-headers.ts';
import { BreakerRule } from '../../../../orchestrator/features/breaker-rule.ts';
import { openBreaker, OPEN_MS } from '../../../../orchestrator/features/breaker.ts';
import { failed, judgeAnswer } from '../../../../orchestrator/features/service/outcome.ts';
import { nextPauseMs, RetryBudget } from '../../../../orchestrator/features/service/retry.ts';
import { Slots } from '../../../../orchestrator/features/slots.ts';

const { Closed, HalfOpen } = CircuitState;

describe('when to open the breaker', () => {
  /** Feeds `+` and `-`, and tells after which of them it opened. */
  function opensAfter(rule: BreakerRule, calls: string): number | undefined {
    for (let at = 0; at < calls.length; at++) {
      if (calls[at] === '+') rule.success(Closed);
      else if (rule.failure(Closed)) return at + 1;
    }
    return undefined;
  }

  test('five failures in a row', () => {
    expect(opensAfter(new BreakerRule(() => 0), '----+-----')).toBe(10);
    expect(opensAfter(new BreakerRule(() => 0), '-----')).toBe(5);
  });

  test('half of twenty, not fewer and not of fewer', () => {
    expect(opensAfter(new BreakerRule(() => 0), '+-'.repeat(10))).toBe(20);
    expect(opensAfter(new BreakerRule(() => 0), `+${'+-'.repeat(9)}+-+-`)).toBeUndefined();
    expect(opensAfter(new BreakerRule(() => 0), '++-'.repeat(100))).toBeUndefined();
  });

  test('only what the last ten seconds saw counts, also on a service that was quiet since', () => {
    let nowMs = 123_456;
    const rule = new BreakerRule(() => nowMs);
    expect(opensAfter(rule, '+---'.repeat(4))).toBeUndefined();
    nowMs += 10_000;
    expect(opensAfter(rule, '+++-')).toBeUndefined();
    nowMs += 9000;
    expect(opensAfter(rule, '+---'.repeat(4))).toBe(16);
  });

  test('a probe decides by itself, and one that succeeds wipes the slate', () => {
    const rule = new BreakerRule(() => 0);
    expect(rule.failure(HalfOpen)).toBe(true);
    opensAfter(rule, '-----');
    rule.success(HalfOpen);
    expect(opensAfter(rule, '-+'.repeat(9))).toBeUndefined();
  });
});

describe('a breaker', () => {
  test('a probe that is cancelled has shown nothing: the breaker stays open', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      let nowMs = 0;
      const breaker = openBreaker({ now: () => nowMs, judge: judgeAnswer, turnedAway: () => failed('open') });
      const fails = () => Promise.resolve(failed('network'));
      for (let at = 0; at < 5; at++) await breaker.run(fails);
      expect([breaker.state, breaker.isShut]).toEqual(['open', true]);
      nowMs += OPEN_MS;
      vi.setSystemTime(Date.now() + OPEN_MS);
      expect(breaker.isShut).toBe(false);
      expect(await breaker.run(() => Promise.resolve(failed('cancelled')))).toMatchObject({ outcome: 'cancelled' });
      expect([breaker.state, breaker.isShut]).toEqual(['open', true]);
      expect(await breaker.run(fails)).toMatchObject({ outcome: 'open' });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('retries', () => {
  test('a fifth of the calls, after a burst', () => {
    const budget = new RetryBudget();
    const take = (calls: number): boolean[] => Array.from({ length: calls }, () => (budget.onCall(), budget.take()));
    expect(take(13).filter(Boolean).length).toBeGreaterThanOrEqual(11);
    take(20);
    expect(take(1000).filter(Boolean)).toHaveLength(200);
  });

  test('each pause lies between the base and three times the last, and below a second', () => {
    assert(
      property(
        double({ min: 5, max: 1000, noNaN: true }),
        double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (last, drawn) => {
          const pause = nextPauseMs(last, () => drawn);
          expect(pause).toBeGreaterThanOrEqual(5);
          expect(pause).toBeLessThanOrEqual(Math.min(1000, 3 * last));
        },
      ),
    );
    expect(nextPauseMs(undefined, () => 0)).toBe(5);
  });
});

describe('places among those who call', () => {
  test('are given in the order of asking; who leaves is passed over', async () => {
    const slots = new Slots(1);
    const leaver = new CallSignal();
    expect(slots.take(new CallSignal())).toBe(true);
    const order: string[] = [];
    const note = async (name: string, stop: CallSignal): Promise<void> => {
      order.push(`${name} ${await slots.take(stop)}`);
    };
    const waiting = [note('a', leaver), note('b', new CallSignal()), note('c', new CallSignal())];
    expect(slots.waiting).toBe(3);
    leaver.abort();
    await waiting[0];
    slots.release();
    await waiting[1];
    slots.release();
    await waiting[2];
    expect(order).toEqual(['a false', 'b true', 'c true']);
    expect(slots.take(leaver)).toBe(false);
    slots.release();
    expect(slots.take(new CallSignal())).toBe(true);
  });
});

describe('what headers say', () => {
  test.each([
    [{}, Number.NaN],
    [{ 'cache-control': 'max-age=60' }, 60_000],
    [{ 'cache-control': 'public, Max-Age="60", must-revalidate', age: '20' }, 40_000],
    [{ 'cache-control': 'max-age=60', age: '90' }, 0],
    [{ 'cache-control': 'max-age=60', age: 'old' }, 60_000],
    [{ 'cache-control': 'max-age=60, no-store' }, 0],
    [{ 'cache-control': 'no-cache' }, 0],
    [{ 'cache-control': 'max-age=-1' }, Number.NaN],
    [{ 'cache-control': 's-maxage=60' }, Number.NaN],
    [{ age: '3' }, Number.NaN],
  ])('%j: how long an answer is fresh', (headers, ms) => expect(freshnessMs(headers)).toBe(ms));

  test.each([
    [{}, Number.NaN],
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': 'Sun, 05 May 2013 13:00:10 GMT' }, 10_000],
    [{ 'retry-after': 'Sun, 05 May 2013 12:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, Number.NaN],
  ])('%j: when to come back', (headers, ms) => expect(retryAfterMs(headers, Date.UTC(2013, 4, 5, 13))).toBe(ms));
});
