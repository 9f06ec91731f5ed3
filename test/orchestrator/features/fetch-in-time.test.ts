import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AppError } from '../../../foundation/errors.ts';
import { CallSignal } from '../../../foundation/cancel-signal.ts';
import { fetchInTime } from '../../../orchestrator/features/fetch-in-time.ts';
import type { FeatureSource } from '../../../orchestrator/features/source.ts';
import { STATUSES, type Columns } from '../../../orchestrator/plan/column.ts';
import { createPredict } from '../../../orchestrator/predict/predict.ts';
import { callOf, plantedDeployment } from '../planted.ts';
import { columnsOf, FIELDS, keysOf } from './controlled-source.ts';

beforeEach(() => void vi.useFakeTimers({ toNotFake: ['setImmediate', 'clearImmediate'] }));
afterEach(() => void vi.useRealTimers());

const row = (): Columns => columnsOf(['a'], FIELDS, () => ({ n: 1, s: 'x' }));
const after = (ms: number, settle: () => Columns): Promise<Columns> =>
  new Promise((resolve) => setTimeout(resolve, ms)).then(settle);
const late = (): never => {
  throw new AppError('DEADLINE_EXCEEDED', 'Too slow.');
};

/** What a fetch with 20 ms left gives, and how many timers watch it. */
async function outcomeOf(source: FeatureSource): Promise<{ outcome: string; timers: number }> {
  const options = { asOfMs: 0, deadlineMs: 20, signal: new CallSignal() };
  const fetched = fetchInTime(source, keysOf('a'), FIELDS, options, () => 0);
  const timers = vi.getTimerCount();
  await vi.advanceTimersByTimeAsync(100);
  const outcome = await fetched;
  expect(vi.getTimerCount()).toBe(0);
  return { outcome: 'rows' in outcome ? 'rows' : STATUSES[outcome.status], timers };
}

it('gives way at the deadline for a source that does not keep time', async () => {
  expect(await outcomeOf({ fetch: () => after(10, row) })).toEqual({ outcome: 'rows', timers: 2 });
  expect(await outcomeOf({ fetch: () => after(30, row) })).toEqual({ outcome: 'TIMEOUT', timers: 2 });
});

it('sets no timer for a source that keeps time, whose answer at the deadline has what is there by then', async () => {
  expect(await outcomeOf({ keepsTime: true, fetch: () => after(21, row) })).toEqual({ outcome: 'rows', timers: 1 });
  expect(await outcomeOf({ keepsTime: true, fetch: () => after(20, late) })).toEqual({ outcome: 'TIMEOUT', timers: 1 });
});

it('tells being late from other failures, thrown and rejected', async () => {
  const broken = (): never => {
    throw new Error('broken');
  };
  expect(await outcomeOf({ fetch: row })).toEqual({ outcome: 'rows', timers: 0 });
  expect(await outcomeOf({ fetch: late })).toEqual({ outcome: 'TIMEOUT', timers: 0 });
  expect(await outcomeOf({ fetch: broken })).toEqual({ outcome: 'ERROR', timers: 0 });
  expect((await outcomeOf({ fetch: () => after(1, late) })).outcome).toBe('TIMEOUT');
  expect((await outcomeOf({ fetch: () => after(1, broken) })).outcome).toBe('ERROR');
});

it('a caller that has gone is not told as a failure of the view', async () => {
  const signal = new CallSignal();
  const left = new AppError('CANCELLED', 'The caller has gone.');
  const plane: FeatureSource = {
    keepsTime: true,
    fetch: () => new Promise((_, reject) => signal.addEventListener('abort', () => reject(left))),
  };
  const failures: { view: string; status: string; cause: unknown }[] = [];
  const yaml = `
version: 1
project: p
inputs: { instance: { tail: string } }
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64 } }
models:
  m: { features: [plane.seats] }
`;
  const deployment = plantedDeployment(yaml, { sources: { plane }, failures });
  const options = { now: () => performance.now(), past: undefined };
  const predict = createPredict(() => ({ deployment, release() {} }), options);
  const answer = predict(callOf({ want: 'features', instances: { objects: [{ tail: 'A' }] }, signal }));
  signal.abort();
  await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(failures).toEqual([]);
});
