import { expect, test } from 'vitest';
import type { HostedLayout } from '../../wrapper/layout.ts';
import type { LoadedModel } from '../../wrapper/load-model.ts';
import { Loads } from '../../wrapper/loads.ts';
import { PartRunner } from '../../wrapper/part-runner.ts';

const LAYOUT: HostedLayout = { features: [], tensors: 'matrix', dtype: 'float64' };

function bench(): { loads: Loads; opened: () => number; clock: { nowMs: number } } {
  const clock = { nowMs: 0 };
  let opened = 0;
  const open = (layout: HostedLayout): Promise<LoadedModel> => {
    opened++;
    const runner = new PartRunner({ predict: () => [], clock: () => clock.nowMs, onFailure: () => undefined });
    const readInputs = () => ({ matrix: undefined, columns: [] });
    const model = { version: String(opened), layout, features: [], readInputs, outputs: [], runner, isAtomic: false };
    return Promise.resolve(model);
  };
  return { loads: new Loads(open, () => clock.nowMs), opened: () => opened, clock };
}

test('a load that is asked for again is the one that is there', async () => {
  const { loads, opened } = bench();
  const [one, other] = await Promise.all([loads.load('a', LAYOUT), loads.load('a', LAYOUT)]);
  expect([one, loads.current, opened()]).toEqual([other, other, 1]);
});

test('an older load goes with its last stream', async () => {
  const { loads } = bench();
  const a = await loads.load('a', LAYOUT);
  const [first, second] = [loads.hold('a'), loads.hold('a')];
  await loads.load('b', LAYOUT);
  first.release();
  const third = loads.hold('a');
  expect(third.model).toBe(a);
  second.release();
  third.release();
  expect(() => loads.hold('a')).toThrow('not loaded for these features');
});

test('a load waits for its caller to open a stream, but not for ever', async () => {
  const { loads, clock } = bench();
  await loads.load('a', LAYOUT);
  await loads.load('b', LAYOUT);
  loads.hold('a').release();
  expect(() => loads.hold('a')).toThrow('not loaded');
  await loads.load('c', LAYOUT);
  clock.nowMs += 10_001;
  await loads.load('d', LAYOUT);
  expect(() => loads.hold('b')).toThrow('not loaded');
  expect(() => loads.hold('c')).toThrow('not loaded');
  expect(loads.hold('d').model.version).toBe('4');
});

test('the current load stays without a stream', async () => {
  const { loads } = bench();
  await loads.load('a', LAYOUT);
  loads.hold('a').release();
  expect(loads.hold('a').model).toBe(loads.current);
});
