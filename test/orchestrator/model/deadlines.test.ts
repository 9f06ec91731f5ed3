import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EarliestDeadline } from '../../../orchestrator/model/deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('every deadline is settled within a millisecond, in whatever order they were watched', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1 }), (waits) => {
      const startMs = Date.now();
      const clock = () => Date.now() - startMs;
      const open = new Set(waits);
      const overruns: number[] = [];
      const deadlines = new EarliestDeadline(clock, (nowMs) => {
        for (const due of open) {
          if (due > nowMs) continue;
          open.delete(due);
          overruns.push(nowMs - due);
        }
        return Math.min(Infinity, ...open);
      });
      for (const wait of waits) deadlines.watch(wait);
      vi.advanceTimersByTime(201);
      expect(open.size).toBe(0);
      expect(Math.max(...overruns)).toBeLessThanOrEqual(1);
      expect(vi.getTimerCount()).toBe(0);
    }),
  );
});

test('a deadline days away does not fire at once, as a timer beyond its range would', () => {
  let calls = 0;
  const deadlines = new EarliestDeadline(
    () => 0,
    () => {
      calls++;
      return Infinity;
    },
  );
  deadlines.watch(2 ** 40);
  vi.advanceTimersByTime(60_000);
  expect(calls).toBe(0);
  deadlines.stop();
  expect(vi.getTimerCount()).toBe(0);
});
