import { describe, expect, it } from 'vitest';
import { AppError } from '../../../foundation/errors.ts';
import { openViewCache } from '../../../orchestrator/features/cache/view-cache.ts';
import type { FeatureSource } from '../../../orchestrator/features/source.ts';
import { SOURCES, STATUSES } from '../../../orchestrator/plan/column.ts';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import type { Answer } from '../../../orchestrator/predict/call.ts';
import { isIncident } from '../../../orchestrator/predict/degraded.ts';
import { createPredict } from '../../../orchestrator/predict/predict.ts';
import { callOf, checkedOf, plantedDeployment, rowsSource } from '../planted.ts';

const ARRIVAL = Date.UTC(2013, 4, 5, 13);
const MINUTE = 60_000;
const yaml = (view: string) => `
version: 1
project: p
inputs: { instance: { tail: string } }
stores: { online: { type: lmdb } }
views:
  plane:
    store: online
    key: { tail: instance.tail }
    fields: { seats: int64, maker: string }
    defaults: { seats: 150, maker: unknown }
    cache: { ttl: 1m, staleWhileRevalidate: 5m, staleIfError: 1h }
    ${view}
models:
  m: { features: [plane.seats, { name: maker, from: plane.maker, categories: [AIRBUS, unknown] }] }
`;
const ROWS = {
  A: { seats: 100, maker: 'AIRBUS', _ts: '2013-05-05T12:00:00Z' },
  B: { seats: null, maker: 'AIRBUS', _ts: '2013-05-05T12:00:00Z' },
};

/** A deployment whose store has a cache before it, on a clock of the test's, and can be made to fail. */
function plant(view = '') {
  const clock = { nowMs: 0 };
  const state: { failure: unknown } = { failure: undefined };
  const store = rowsSource(ROWS);
  const failing: FeatureSource = {
    fetch(...args) {
      if (state.failure !== undefined) throw state.failure;
      return store.fetch(...args);
    },
  };
  const plan = compilePlan(checkedOf(yaml(view))).views.get('plane')!;
  const cache = openViewCache(plan, plan.cache!, { now: () => clock.nowMs, random: () => 0.5 });
  const failures: { view: string; status: string; cause: unknown }[] = [];
  const sources = { plane: cache.over(failing) };
  const deployment = plantedDeployment(yaml(view), { sources, failures, now: () => clock.nowMs });
  const predict = createPredict(() => ({ deployment, release() {} }), { now: () => clock.nowMs, past: undefined });
  const ask = (tails: string[], arrivedAfterMs = 0): Promise<Answer> =>
    predict(
      callOf({
        want: 'features',
        instances: { objects: tails.map((tail) => ({ tail })) },
        arrivedAt: { epochMs: ARRIVAL + arrivedAfterMs, monotonicMs: clock.nowMs },
      }),
    );
  return { clock, state, ask, failures };
}

function seatsOf(answer: Answer): string[] {
  const { values, status, source } = answer.gathered.find(({ name }) => name === 'plane.seats')!;
  return Array.from(status, (code, row) => `${values[row]} ${STATUSES[code]} ${SOURCES[source[row]]}`);
}

const DOWN = new AppError('FEATURE_UNAVAILABLE', 'The service is down.');

describe('a stale value', () => {
  it('is used as it is and told, though it is present', async () => {
    const { clock, ask } = plant();
    await ask(['A', 'A']);
    expect((await ask(['A', 'A'])).degraded).toEqual([]);
    clock.nowMs = 2 * MINUTE;
    const answer = await ask(['A', 'A']);
    expect(seatsOf(answer)).toEqual(['100 PRESENT stale', '100 PRESENT stale']);
    expect(answer.degraded).toEqual([{ view: 'plane', status: 'PRESENT', source: 'stale', count: 2 }]);
    expect(answer.degraded.every(isIncident)).toBe(true);
  });

  it('is used in place of a failed fetch, with the failure, and no default and no `fail` comes before it', async () => {
    for (const onError of ['default', 'null', 'fail']) {
      const { clock, state, ask, failures } = plant(`onError: ${onError}`);
      await ask(['A']);
      clock.nowMs = 30 * MINUTE;
      state.failure = DOWN;
      const answer = await ask(['A']);
      expect(seatsOf(answer)).toEqual(['100 ERROR stale']);
      expect(answer.degraded).toEqual([{ view: 'plane', status: 'ERROR', source: 'stale', count: 1 }]);
      expect(failures).toEqual([]);
    }
  });

  it('that is null goes by `nulls`, and the failure is still told', async () => {
    for (const [nulls, value, source] of [
      ['keep', 'NaN', 'stale'],
      ['default', '150', 'default'],
    ]) {
      const { clock, state, ask } = plant(`nulls: ${nulls}`);
      await ask(['B']);
      clock.nowMs = 30 * MINUTE;
      state.failure = DOWN;
      const answer = await ask(['B']);
      expect(seatsOf(answer)).toEqual([`${value} ERROR ${source}`]);
      expect(answer.degraded).toEqual([{ view: 'plane', status: 'ERROR', source, count: 1 }]);
    }
  });

  it('beside a null that has its default is told as the default: it is the worse of two fields that failed alike', async () => {
    const { clock, state, ask } = plant('nulls: default');
    await ask(['B']);
    clock.nowMs = 30 * MINUTE;
    state.failure = DOWN;
    const answer = await ask(['B', 'B']);
    expect(answer.gathered.map(({ source }) => SOURCES[source[0]])).toEqual(['default', 'stale']);
    expect(answer.degraded).toEqual([{ view: 'plane', status: 'ERROR', source: 'default', count: 2 }]);
  });

  it('beside a null that has its default makes its row an incident', async () => {
    const { clock, ask } = plant('nulls: default');
    await ask(['B']);
    clock.nowMs = 2 * MINUTE;
    const answer = await ask(['B']);
    expect(seatsOf(answer)).toEqual(['150 NULL_VALUE default']);
    expect(answer.degraded).toEqual([{ view: 'plane', status: 'PRESENT', source: 'stale', count: 1 }]);
  });
});

describe('maxAge', () => {
  it('holds for a cached row too, against the moment that each request is about, and changes nothing in the cache', async () => {
    const { ask } = plant('maxAge: 2h');
    expect(seatsOf(await ask(['A']))).toEqual(['100 PRESENT store']);
    const later = await ask(['A'], 2 * 60 * MINUTE);
    expect(seatsOf(later)).toEqual(['150 OUTSIDE_MAX_AGE default']);
    expect(later.degraded).toEqual([{ view: 'plane', status: 'OUTSIDE_MAX_AGE', source: 'default', count: 1 }]);
    expect(seatsOf(await ask(['A']))).toEqual(['100 PRESENT cache']);
  });

  it('holds for stale rows: what is too old is no value, and what stood in for a failure is the failure', async () => {
    const { clock, state, ask } = plant('maxAge: 2h');
    await ask(['A']);
    clock.nowMs = 2 * MINUTE;
    state.failure = DOWN;
    expect(seatsOf(await ask(['A'], 2 * 60 * MINUTE))).toEqual(['150 OUTSIDE_MAX_AGE default']);
    expect(seatsOf(await ask(['A']))).toEqual(['100 PRESENT stale']);
    clock.nowMs = 30 * MINUTE;
    expect(seatsOf(await ask(['A'], 2 * 60 * MINUTE))).toEqual(['150 ERROR default']);
    expect(seatsOf(await ask(['A']))).toEqual(['100 ERROR stale']);
  });

  it('does not hide that a fetch failed', async () => {
    const { state, ask, failures } = plant('maxAge: 2h');
    state.failure = DOWN;
    expect(seatsOf(await ask(['A']))).toEqual(['150 ERROR default']);
    state.failure = new AppError('DEADLINE_EXCEEDED', 'Too slow.');
    expect(seatsOf(await ask(['A']))).toEqual(['150 TIMEOUT default']);
    expect(failures.map(({ status }) => status)).toEqual(['ERROR', 'TIMEOUT']);
  });
});
