import { describe, expect, it } from 'vitest';
import type { FeatureSource } from '../../../orchestrator/features/source.ts';
import type { Answer, Call } from '../../../orchestrator/predict/call.ts';
import { createPredict } from '../../../orchestrator/predict/predict.ts';
import { StepWatch } from '../../../orchestrator/predict/step-watch.ts';
import { callOf, plantedDeployment, rowsSource, valuesOf } from '../planted.ts';

const YAML = `
version: 1
project: nyc
inputs:
  instance: { tail: "string?", year: double }
overrides: [age]
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { year: int64, maker: string } }
  maker: { store: online, key: { name: plane.maker }, fields: { size: int64 } }
onDemand:
  age: { type: double, cel: "instance.year - double(plane.year)" }
models:
  m: { partial: true, features: [plane.year, maker.size, age] }
`;

const ROWS = { N1: { year: 1999, maker: 'EMBRAER' }, N2: { year: 2004, maker: 'EMBRAER' } };
const CALL = {
  want: 'features' as const,
  instances: {
    objects: [
      { tail: 'N1', year: 2013 },
      { tail: 'N2', year: 2013 },
      { tail: 'N1', year: 2013 },
    ],
  },
};

/** The answer to a call with a watch on its model, and without one; the clock goes on by 1 ms each time it is read. */
async function watched(call: Call, planeSource: FeatureSource = rowsSource(ROWS)) {
  const clock = { ms: 0 };
  const watch = new StepWatch(() => (clock.ms += 1));
  const sources = { plane: planeSource, maker: rowsSource({ EMBRAER: { size: 7 } }) };
  const wrapped = Object.fromEntries(Object.entries(sources).map(([view, source]) => [view, watch.wrapSource(source)]));
  const deployment = plantedDeployment(YAML, { sources: wrapped });
  watch.follow(deployment.models.get('m')!);
  const unwatched = plantedDeployment(YAML, { sources });
  return { watch, answer: await ask(deployment, call), unwatched: await ask(unwatched, call) };
}

function ask(deployment: ReturnType<typeof plantedDeployment>, call: Call): Promise<Answer> {
  const options = { now: () => performance.now(), past: undefined };
  return createPredict(() => ({ deployment, release: () => {} }), options)(call);
}

describe('a watch on the steps of a model', () => {
  it('times each read and compute of the DAG, and counts the keys that a read asked for', async () => {
    const { watch } = await watched(callOf(CALL));
    expect(watch.steps.map(({ level, kind, name, keys }) => [level, kind, name, keys])).toEqual([
      [0, 'read', 'plane', 2],
      [1, 'compute', 'age', null],
      [1, 'read', 'maker', 1],
    ]);
    // The clock is read before and after a read, and before and after each row of a compute.
    expect(watch.steps.map(({ ms }) => ms)).toEqual([1, 3, 1]);
  });

  it('changes nothing of the answer', async () => {
    const { answer, unwatched } = await watched(callOf(CALL));
    expect(answer.gathered.map(valuesOf)).toEqual(unwatched.gathered.map(valuesOf));
    expect(answer.degraded).toEqual(unwatched.degraded);
  });

  it('times a read that waits to its end', async () => {
    const plane = rowsSource(ROWS);
    const waiting: FeatureSource = {
      fetch: (keys, fields, options) => Promise.resolve().then(() => plane.fetch(keys, fields, options)),
    };
    const { watch, answer } = await watched(callOf(CALL), waiting);
    expect(watch.steps[0]).toMatchObject({ name: 'plane', keys: 2, ms: 2 });
    expect(valuesOf(answer.gathered[0])).toEqual([1999, 2004, 1999]);
  });

  it('says of a step that the call did without that it was not needed', async () => {
    const call = callOf({ want: 'features', instances: { objects: [{ tail: null, year: 2013, age: 3 }] } });
    const { watch } = await watched(call);
    expect(watch.steps[0]).toMatchObject({ name: 'plane', keys: 0 });
    expect(watch.steps[1]).toMatchObject({ name: 'age', ms: null });
  });
});
