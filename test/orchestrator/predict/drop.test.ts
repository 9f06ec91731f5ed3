import { describe, expect, it } from 'vitest';
import type { AppError } from '../../../foundation/errors.ts';
import { SOURCES, STATUSES } from '../../../orchestrator/plan/column.ts';
import type { Answer, Call } from '../../../orchestrator/predict/call.ts';
import { createPredict } from '../../../orchestrator/predict/predict.ts';
import { callOf, modelOf, plantedDeployment, rowsSource, valuesOf } from '../planted.ts';

const YAML = (view = '', features = '[plane.seats, plane.year, maker.score, pulse.delay, age, doubled]') => `
version: 1
project: p
inputs:
  request: { hour: int64 }
  instance: { tail: string }
overrides: [plane.seats, age]
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64, year: int64, maker: string }, defaults: { seats: 150 }${view} }
  maker: { store: online, key: { maker: plane.maker }, fields: { score: double } }
  pulse: { store: online, key: { hour: request.hour }, fields: { delay: double }, defaults: { delay: 3 }${view} }
onDemand:
  age: { type: int64, cel: "2013 - plane.year" }
  doubled: { type: double, cel: "pulse.delay * 2.0" }
models:
  m: { features: ${features} }
  other: { features: [{ name: where, from: instance.tail, categories: [A] }, { name: chairs, from: plane.seats }] }
`;

const PLANES = { A: { seats: 100, year: 2000, maker: 'AIRBUS' }, B: { seats: 90, year: 1990, maker: 'BOEING' } };

function plant(yaml = YAML(), planes: Record<string, object> = PLANES) {
  const sources = {
    plane: rowsSource(planes),
    maker: rowsSource({ AIRBUS: { score: 1 }, BOEING: { score: 2 } }),
    pulse: rowsSource({ 10: { delay: 5 } }),
  };
  const deployment = plantedDeployment(yaml, { sources, client: modelOf((row) => row[0]) });
  const options = { now: () => performance.now(), past: undefined };
  const predict = createPredict(() => ({ deployment, release: () => {} }), options);
  const objects = [{ tail: 'A' }, { tail: 'B' }];
  const without = (drop: readonly string[] | undefined, call: Partial<Call> = {}): Promise<Answer> =>
    predict(
      callOf({
        request: { hour: 10 },
        want: 'features',
        instances: { objects },
        parameters: drop === undefined ? {} : { drop },
        ...call,
      }),
    );
  return { sources, deployment, without };
}

const shown = ({ gathered }: Answer): Record<string, string[]> =>
  Object.fromEntries(
    gathered.map(({ name, values, status, source }): [string, string[]] => [
      name,
      Array.from(
        values as ArrayLike<number>,
        (value, row) => `${value} ${STATUSES[status[row]]} ${SOURCES[source[row]]}`,
      ),
    ]),
  );

describe('a dropped feature', () => {
  it('is its default where one is declared, else null, as if its source had no row', async () => {
    const answer = await plant().without(['plane.seats', 'maker.*']);
    expect(shown(answer)).toMatchObject({
      'plane.seats': ['150 NOT_FOUND default', '150 NOT_FOUND default'],
      'plane.year': ['2000 PRESENT store', '1990 PRESENT store'],
      'maker.score': ['NaN NOT_FOUND none', 'NaN NOT_FOUND none'],
    });
    expect(answer.degraded).toEqual([]);
  });

  it('that is on demand is null, and so is what only it needs not read', async () => {
    const { without, sources } = plant(YAML('', '[age, doubled]'));
    expect(shown(await without(['age']))).toEqual({
      age: ['NaN NULL_VALUE compute', 'NaN NULL_VALUE compute'],
      doubled: ['10 PRESENT compute', '10 PRESENT compute'],
    });
    expect(sources.plane.asked).toEqual([]);
  });

  it('is what the features made from it are made of', async () => {
    expect(shown(await plant().without(['plane.*', 'pulse.delay']))).toEqual({
      'plane.seats': ['150 NOT_FOUND default', '150 NOT_FOUND default'],
      'plane.year': ['NaN NOT_FOUND none', 'NaN NOT_FOUND none'],
      'maker.score': ['NaN NOT_FOUND none', 'NaN NOT_FOUND none'],
      'pulse.delay': ['3 NOT_FOUND default', '3 NOT_FOUND default'],
      age: ['NaN NULL_VALUE compute', 'NaN NULL_VALUE compute'],
      doubled: ['6 PRESENT compute', '6 PRESENT compute'],
    });
  });

  it('gives the values that a source without the rows gives, bit for bit', async () => {
    const dropped = await plant().without(['plane.*']);
    const missing = await plant(YAML(), {}).without(undefined);
    expect(dropped.gathered.map(valuesOf)).toEqual(missing.gathered.map(valuesOf));
    expect(dropped.gathered.map(({ status }) => status)).toEqual(missing.gathered.map(({ status }) => status));
  });

  it('is null under `onMissing: null`, and fails nothing under `onMissing: fail`', async () => {
    const seats = async (view: string) => shown(await plant(YAML(view)).without(['plane.*', 'pulse.*']))['plane.seats'];
    expect(await seats(', onMissing: null')).toEqual(['NaN NOT_FOUND none', 'NaN NOT_FOUND none']);
    expect(await seats(', onMissing: fail, onError: default')).toEqual([
      '150 NOT_FOUND default',
      '150 NOT_FOUND default',
    ]);
  });

  it('stays dropped where the caller sends it too', async () => {
    const objects = [{ tail: 'A', 'plane.seats': 7, age: 1 }];
    const answer = await plant().without(['plane.seats', 'age'], { instances: { objects } });
    expect(shown(answer)).toMatchObject({ 'plane.seats': ['150 NOT_FOUND default'], age: ['NaN NULL_VALUE compute'] });
  });

  it('reaches the model so', async () => {
    const { without } = plant();
    expect((await without(['plane.*'], { want: 'outputs' })).outputs.map(valuesOf)).toEqual([[150, 150]]);
    expect((await without(undefined, { want: 'outputs' })).outputs.map(valuesOf)).toEqual([[100, 90]]);
  });
});

describe('a view of dropped features', () => {
  it('is not read where nothing else of it is needed, and is read where something is', async () => {
    const { without, sources } = plant();
    await without(['plane.*', 'pulse.*']);
    expect([sources.plane.asked, sources.maker.asked, sources.pulse.asked]).toEqual([[], [], []]);
    await without(['plane.seats']);
    expect(sources.plane.asked).toEqual([['A', 'B']]);
  });

  it('has no value counted that was never looked for', async () => {
    const { without, deployment } = plant();
    await without(['plane.*', 'pulse.*']);
    const counts = deployment.models.get('m')!.valueCounts;
    expect([...counts.get('plane')!.total, ...counts.get('pulse')!.total].every((count) => count === 0)).toBe(true);
  });

  it('that this model does not read is nothing to it', async () => {
    const answer = await plant().without(['pulse.*', 'age'], { model: 'other' });
    expect(shown(answer)).toEqual({ where: ['0 PRESENT request', 'NaN PRESENT request'], chairs: expect.any(Array) });
  });
});

it.each([
  ['plane.seat', 'is not a feature, did you mean "plane.seats"?'],
  ['plain.*', 'is not a feature, did you mean "plane.*"?'],
  ['nothing like it', 'is not a feature'],
  ['constructor', 'is not a feature'],
  ['plane', 'is a view: write "plane.*" for all of its fields'],
  ['instance.tail', 'is an input: inputs cannot be dropped, leave it out or send null'],
  ['hour', 'is an input: inputs cannot be dropped, leave it out or send null'],
  ['request.*', 'is an input: inputs cannot be dropped, leave it out or send null'],
  ['chairs', 'is made from "plane.seats": drop that'],
  ['where', 'is made from the input "instance.tail": inputs cannot be dropped'],
])('what cannot be dropped is refused with its mend: %s', async (name, problem) => {
  const refused = plant().without(['plane.*', name], { model: 'other' });
  await expect(refused).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    details: [{ field: 'parameters.drop[1]', problem }],
  });
});

it('a thousand wrong names are not a thousand searches for the right one', async () => {
  const names = Array.from({ length: 1000 }, (_, at) => `plane.${at}`);
  const error = await plant()
    .without(names)
    .catch((thrown: AppError) => thrown);
  expect((error as AppError).details).toHaveLength(20);
});
