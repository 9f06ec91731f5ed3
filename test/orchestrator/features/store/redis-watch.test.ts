import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RedisWatch } from '../../../../orchestrator/features/store/redis-watch.ts';

/** When it was looked, and what is found from now on. */
let looks: number[];
let isWell: boolean;
let watch: RedisWatch;
beforeEach(async () => {
  vi.useFakeTimers();
  looks = [];
  isWell = true;
  const startedMs = performance.now();
  watch = new RedisWatch({
    look() {
      looks.push(performance.now() - startedMs);
      return Promise.resolve(isWell);
    },
    calmMs: 10_000,
    now: () => performance.now(),
    random: () => 0.5,
  });
  await watch.look();
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

const inMs = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test('where all is well it is looked now and then', async () => {
  await inMs(30_000);
  expect(looks).toEqual([0, 10_000, 20_000, 30_000]);
});

test('at the first sign of trouble it is looked at once, and again in growing pauses until all is well', async () => {
  await inMs(1000);
  isWell = false;
  watch.trouble();
  await inMs(4000);
  expect(looks).toEqual([0, 1000, 1100, 1300, 1700, 2200, 2700, 3200, 3700, 4200, 4700]);
  isWell = true;
  await inMs(15_000);
  expect(looks.slice(11)).toEqual([5200, 15_200]);
});

test('however often there is trouble, it is looked twice a second', async () => {
  for (let ms = 0; ms < 20_000; ms++) {
    watch.trouble();
    await inMs(1);
  }
  expect(looks.length).toBeLessThan(46);
  expect(looks.at(-1)).toBeGreaterThan(19_000);
});

test('a server that has come back is asked at once where others are missed, and not where none is', async () => {
  await inMs(1000);
  watch.hurry();
  await inMs(1);
  expect(looks).toEqual([0]);
  isWell = false;
  watch.trouble();
  await inMs(3000);
  const before = looks.length;
  watch.hurry();
  await inMs(1);
  expect(looks).toHaveLength(before + 1);
});

test('a watch that is closed looks no more', async () => {
  watch.close();
  watch.trouble();
  await inMs(60_000);
  expect(looks).toEqual([0]);
});
