import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../../../foundation/errors.ts';
import type { FeatureSource } from '../../../orchestrator/features/source.ts';
import type { Answer, Call } from '../../../orchestrator/predict/call.ts';
import { createPredict } from '../../../orchestrator/predict/predict.ts';
import { callOf, modelOf, plantedDeployment, rowsSource, valuesOf, type Planted } from '../planted.ts';

const YAML = (view = '', model = '') => `
version: 1
project: p
asOf: request.time
inputs:
  request: { time: "timestamp?" }
  instance: { id: string, tail: "string?", km: double }
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64, year: int64 }, defaults: { seats: 150 }${view} }
onDemand:
  long: { type: bool, cel: "instance.km > 1000.0" }
models:
  m:
    deadline: 200ms
    id: instance.id
    features: [instance.km, plane.seats, plane.year, long]
${model}`;

const PLANES = {
  A: { seats: 100, year: 2000, _ts: '2013-01-01T00:00:00Z' },
  B: { seats: null, year: 1990 },
  C: { seats: 'many', year: 2001 },
};
const SUM = (row: number[]) => row.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);

async function answer(
  yaml: string,
  call: Partial<Call> & Pick<Call, 'instances'>,
  planted: Partial<Planted> = {},
): Promise<Answer> {
  const deployment = plantedDeployment(yaml, {
    sources: { plane: rowsSource(PLANES) },
    client: modelOf(SUM),
    ...planted,
  });
  const predict = createPredict(() => ({ deployment, release: () => {} }), {
    now: () => performance.now(),
    past: undefined,
  });
  return predict(callOf(call));
}

const flight = (id: string, tail: string | null, km = 500) => ({ id, tail, km });
const failing = (code: ErrorCode) => modelOf(SUM, new AppError(code, 'planted'));

const seatsAt = async (time: string) => {
  const { gathered } = await answer(YAML(', maxAge: 30d'), {
    want: 'features',
    features: ['plane.seats'],
    request: { time },
    instances: { objects: [flight('1', 'A'), flight('2', 'B')] },
  });
  return valuesOf(gathered[0]);
};

describe('predict', () => {
  it('answers each instance with the score of its own features, in their order', async () => {
    const { outputs, ids, degraded, modelVersion } = await answer(YAML(), {
      instances: { objects: [flight('x', 'A'), flight('y', 'A', 1500)] },
    });
    expect(valuesOf(outputs[0])).toEqual([500 + 100 + 2000, 1500 + 100 + 2000 + 1]);
    expect(ids).toEqual(['x', 'y']);
    expect(degraded).toEqual([]);
    expect(modelVersion).toBe('7');
  });

  it('asks for each distinct key once, and not at all for a key with a null part', async () => {
    const plane = rowsSource(PLANES);
    await answer(
      YAML(),
      { instances: { objects: ['A', null, 'B', 'A'].map((tail, at) => flight(`${at}`, tail)) } },
      { sources: { plane } },
    );
    expect(plane.asked).toEqual([['A', 'B']]);
  });

  it('tells of what was not found, wrong or defaulted, and of nothing else', async () => {
    const { gathered, degraded } = await answer(YAML(), {
      want: 'features',
      features: ['plane.seats', 'plane.year'],
      instances: { objects: ['A', 'B', 'C', 'Z', null].map((tail, at) => flight(`${at}`, tail)) },
    });
    expect(valuesOf(gathered[0])).toEqual([100, NaN, 150, 150, 150]);
    expect(valuesOf(gathered[1])).toEqual([2000, 1990, 2001, NaN, NaN]);
    expect(degraded).toEqual([
      { view: 'plane', status: 'ERROR', source: 'default', count: 1 },
      { view: 'plane', status: 'NOT_FOUND', source: 'none', count: 2 },
    ]);
  });

  it('puts the default for a null only where the view says so', async () => {
    const { gathered, degraded } = await answer(YAML(', nulls: default'), {
      want: 'features',
      features: ['plane.seats'],
      instances: { objects: [flight('1', 'B')] },
    });
    expect(valuesOf(gathered[0])).toEqual([150]);
    expect(degraded).toEqual([{ view: 'plane', status: 'NULL_VALUE', source: 'default', count: 1 }]);
  });

  it('names the instances of a degraded view when asked in full', async () => {
    const { degraded } = await answer(YAML(), {
      instances: { objects: ['A', 'Z', 'A', 'Y'].map((tail, at) => flight(`${at}`, tail)) },
      parameters: { degraded: 'full' },
    });
    expect(degraded).toEqual([{ view: 'plane', status: 'NOT_FOUND', source: 'none', count: 2, rows: [1, 3] }]);
  });

  it('measures maxAge against the moment the request is about', async () => {
    expect(await seatsAt('2013-01-31T00:00:00Z')).toEqual([100, 150]);
    expect(await seatsAt('2013-01-31T00:00:01Z')).toEqual([150, 150]);
    expect(await seatsAt('2012-12-01T00:00:00Z')).toEqual([100, 150]);
  });

  it('fails the call for a missing row under `fail`, or only that instance where the model is partial', async () => {
    const instances = { objects: [flight('1', 'A'), flight('2', 'Z')] };
    await expect(answer(YAML(', onMissing: fail'), { instances })).rejects.toMatchObject({
      code: 'FEATURE_UNAVAILABLE',
    });
    const partial = await answer(YAML(', onMissing: fail', '    partial: true'), { instances });
    expect(valuesOf(partial.outputs[0])).toEqual([2600, NaN]);
    expect(partial.errors).toMatchObject([{ instance: 1, error: { code: 'FEATURE_UNAVAILABLE' } }]);
  });

  it('fails a partial call only when every instance failed, by whose fault it was', async () => {
    const partial = YAML(', onMissing: fail', '    partial: true');
    const bad = { id: 1, tail: 'A', km: 5 };
    await expect(answer(partial, { instances: { objects: [bad, bad] } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(answer(partial, { instances: { objects: [bad, flight('2', 'Z')] } })).rejects.toMatchObject({
      code: 'FEATURE_UNAVAILABLE',
    });
  });

  it('sends the model only the instances that can be scored', async () => {
    const client = modelOf(SUM);
    const { outputs, errors } = await answer(
      YAML('', '    partial: true'),
      { instances: { objects: [flight('1', 'A'), { id: 'x', tail: 'A', km: 'far' }, flight('3', 'A', 7)] } },
      { client },
    );
    expect(client.calls[0][0].shape).toEqual([2, 4]);
    expect(valuesOf(outputs[0])).toEqual([2600, NaN, 2107]);
    expect(errors.map(({ instance }) => instance)).toEqual([1]);
  });

  it('ranks the highest first, and leaves nulls out', async () => {
    const { ranking } = await answer(YAML('', '    partial: true\n    topK: 2'), {
      instances: { objects: [flight('1', 'A', 1), { id: 2 }, flight('3', 'A', 9), flight('4', 'A', 5)] },
    });
    expect(ranking).toEqual([2, 3]);
  });

  const FALLBACK = '    partial: true\n    fallback: { cel: "instance.km / 10.0", on: [WRAPPER_UNAVAILABLE] }';

  it('answers by the fallback for the codes it is for, and for no instance that failed on its own', async () => {
    const { outputs, fallback } = await answer(
      YAML('', FALLBACK),
      { instances: { objects: [flight('1', 'A', 20), { id: 'x' }] } },
      { client: failing('WRAPPER_UNAVAILABLE') },
    );
    expect(fallback).toBe('WRAPPER_UNAVAILABLE');
    expect(valuesOf(outputs[0])).toEqual([2, NaN]);
    const other = answer(
      YAML('', FALLBACK),
      { instances: { objects: [flight('1', 'A')] } },
      { client: failing('PREDICTOR_FAILED') },
    );
    await expect(other).rejects.toMatchObject({ code: 'PREDICTOR_FAILED' });
  });

  it('does not fall back for a model that never loaded', async () => {
    const { client: _, ...unloaded } = { sources: { plane: rowsSource(PLANES) }, client: undefined };
    const deployment = plantedDeployment(YAML('', FALLBACK), unloaded);
    const predict = createPredict(() => ({ deployment, release: () => {} }), { now: () => 0, past: undefined });
    await expect(predict(callOf({ instances: { objects: [flight('1', 'A')] } }))).rejects.toMatchObject({
      code: 'NOT_READY',
    });
  });

  it('gives way at the features deadline, aborting what is late, and goes on with the defaults', async () => {
    const failures: Planted['failures'] = [];
    const late: FeatureSource = { fetch: () => new Promise(() => {}) };
    const { degraded, outputs } = await answer(
      YAML('', '    budget: { features: 20ms, model: 100ms }'),
      { instances: { objects: [flight('1', 'A')] } },
      { sources: { plane: late }, failures },
    );
    expect(degraded).toEqual([{ view: 'plane', status: 'TIMEOUT', source: 'none', count: 1 }]);
    expect(valuesOf(outputs[0])).toEqual([650]);
    expect(failures).toMatchObject([{ view: 'plane', status: 'TIMEOUT' }]);
  });

  it.each([
    [
      'throws',
      {
        fetch: () => {
          throw new Error('planted');
        },
      },
    ],
    ['rejects', { fetch: () => Promise.reject(new Error('planted')) }],
  ] as [string, FeatureSource][])('uses the default, and tells the log why, when a source %s', async (_, plane) => {
    const failures: Planted['failures'] = [];
    const { degraded } = await answer(
      YAML(),
      { instances: { objects: [flight('1', 'A')] } },
      { sources: { plane }, failures },
    );
    expect(degraded).toEqual([{ view: 'plane', status: 'ERROR', source: 'none', count: 1 }]);
    expect(failures[0].cause).toMatchObject({ message: 'planted' });
  });

  it('refuses a call whose caller has gone, and one whose deadline has passed', async () => {
    const instances = { objects: [flight('1', 'A')] };
    await expect(answer(YAML(), { instances, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    const arrivedAt = { epochMs: 0, monotonicMs: performance.now() - 300 };
    await expect(answer(YAML(), { instances, arrivedAt })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await expect(answer(YAML(), { instances, model: 'n' })).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
  });
});
