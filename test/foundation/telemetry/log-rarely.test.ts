import { expect, test } from 'vitest';
import { LogRarely } from '../../../foundation/telemetry/log-rarely.ts';

test('what happens all the time is told once a second, with how often it was not told', () => {
  let nowMs = 0;
  const rarely = new LogRarely(() => nowMs);
  const told: [string, number, number][] = [];
  for (nowMs = 0; nowMs <= 2000; nowMs += 100) {
    for (const key of ['weather', 'plane']) rarely.of(key, (untold) => told.push([key, nowMs, untold]));
  }
  expect(told).toEqual([
    ['weather', 0, 0],
    ['plane', 0, 0],
    ['weather', 1000, 9],
    ['plane', 1000, 9],
    ['weather', 2000, 9],
    ['plane', 2000, 9],
  ]);
});
