import { describe, expect, it } from 'vitest';
import type { AppError } from '../../../foundation/errors.ts';
import { SOURCES, STATUSES, type Column } from '../../../orchestrator/plan/column.ts';
import type { Answer, Call } from '../../../orchestrator/predict/call.ts';
import { createPredict } from '../../../orchestrator/predict/predict.ts';
import { callOf, modelOf, plantedDeployment, rowsSource, valuesOf } from '../planted.ts';

const OVERRIDES = '[plane.seats, plane.maker, age, pulse.delay, doubled]';
const YAML = ({ overrides = OVERRIDES, view = '', extra = 'refuse', model = '' } = {}) => `
version: 1
project: p
inputs:
  request: { hour: int64 }
  instance: { tail: "string?" }
  extra: ${extra}
overrides: ${overrides}
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64, year: int64, maker: string }, defaults: { seats: 150 }${view} }
  maker: { store: online, key: { maker: plane.maker }, fields: { score: double } }
  pulse: { store: online, key: { hour: request.hour }, fields: { delay: double, flights: int64 }${view} }
onDemand:
  age: { type: int64, cel: "2013 - plane.year" }
  older: { type: int64, cel: "age + 1" }
  doubled: { type: double, cel: "pulse.delay * 2.0" }
models:
  m: { features: [plane.seats, plane.year, maker.score, older, pulse.delay, pulse.flights, doubled]${model} }
`;

const PLANES = {
  A: { seats: 100, year: 2000, maker: 'AIRBUS', _ts: '2013-01-01T00:00:00Z' },
  B: { seats: null, year: 1990, maker: 'BOEING' },
  C: { seats: 'many', year: 2001, maker: 'AIRBUS' },
};

function plant(yaml: string) {
  const sources = {
    plane: rowsSource(PLANES),
    maker: rowsSource({ AIRBUS: { score: 1 }, BOEING: { score: 2 } }),
    pulse: rowsSource({ 10: { delay: 5, flights: 40 } }),
  };
  const deployment = plantedDeployment(yaml, { sources, client: modelOf((row) => row[0]) });
  const options = { now: () => performance.now(), past: undefined };
  const predict = createPredict(() => ({ deployment, release: () => {} }), options);
  const answer = (call: Partial<Call> & Pick<Call, 'instances'>): Promise<Answer> =>
    predict(callOf({ request: { hour: 10 }, want: 'features', ...call }));
  return { sources, answer };
}

const columnOf = ({ gathered }: Answer, name: string): Column => gathered.find((column) => column.name === name)!;
const shown = (answer: Answer, name: string) => {
  const { values, status, source } = columnOf(answer, name);
  return [...values].map((value, row) => [value, STATUSES[status[row]], SOURCES[source[row]]]);
};
const problems = async (call: Partial<Call> & Pick<Call, 'instances'>, yaml = YAML()): Promise<unknown> =>
  plant(yaml)
    .answer(call)
    .then(() => undefined)
    .catch((error: AppError) => error.details);

describe('overriding a feature', () => {
  it('uses the value of each instance that sends one, and what was read for the others', async () => {
    const { answer } = plant(YAML());
    const sent = await answer({ instances: { objects: [{ tail: 'A', 'plane.seats': 7 }, { tail: 'A' }] } });
    expect(shown(sent, 'plane.seats')).toEqual([
      [7, 'PRESENT', 'request'],
      [100, 'PRESENT', 'store'],
    ]);
    expect(valuesOf(columnOf(sent, 'plane.year'))).toEqual([2000, 2000]);
  });

  it('takes null as the value null, which no default replaces', async () => {
    const { answer } = plant(YAML({ view: ', nulls: default, onMissing: default' }));
    const instances = { objects: [{ tail: 'A', 'plane.seats': null }, { tail: 'B' }] };
    expect(shown(await answer({ instances }), 'plane.seats')).toEqual([
      [NaN, 'NULL_VALUE', 'request'],
      [150, 'NULL_VALUE', 'default'],
    ]);
  });

  it('takes a feature by column for every row', async () => {
    const { answer } = plant(YAML());
    const columns = { tail: ['A', 'B'], 'plane.seats': [1, null], age: Float64Array.of(3, NaN) };
    const sent = await answer({ instances: { rows: 2, columns } });
    expect(shown(sent, 'plane.seats')).toEqual([
      [1, 'PRESENT', 'request'],
      [NaN, 'NULL_VALUE', 'request'],
    ]);
    expect(valuesOf(columnOf(sent, 'older'))).toEqual([4, NaN]);
  });

  it('lets keys and on-demand features read what was sent', async () => {
    const { answer, sources } = plant(YAML());
    const sent = await answer({
      request: { hour: 10, 'pulse.delay': 30 },
      instances: { objects: [{ tail: 'A', 'plane.maker': 'BOEING', age: 50 }, { tail: 'A' }] },
    });
    expect(valuesOf(columnOf(sent, 'maker.score'))).toEqual([2, 1]);
    expect(valuesOf(columnOf(sent, 'older'))).toEqual([51, 14]);
    expect(shown(sent, 'doubled')[0]).toEqual([60, 'PRESENT', 'compute']);
    expect(shown(sent, 'pulse.delay')[0]).toEqual([30, 'PRESENT', 'request']);
    expect(valuesOf(columnOf(sent, 'pulse.flights'))).toEqual([40, 40]);
    expect(sources.maker.asked).toEqual([['BOEING', 'AIRBUS']]);
  });

  it('has no age where it was sent, and none at all where every row was', async () => {
    const { answer } = plant(YAML());
    const some = await answer({ instances: { objects: [{ tail: 'A', 'plane.seats': 7 }, { tail: 'A' }] } });
    expect([...columnOf(some, 'plane.seats').timestampMs!]).toEqual([NaN, Date.UTC(2013, 0, 1)]);
    expect([...columnOf(some, 'plane.year').timestampMs!]).toEqual([Date.UTC(2013, 0, 1), Date.UTC(2013, 0, 1)]);
    const all = await answer({ instances: { objects: [{ tail: 'A', 'plane.seats': 7 }] } });
    expect(columnOf(all, 'plane.seats').timestampMs).toBeUndefined();
  });
});

describe('a view whose features were sent', () => {
  const SEATS_ONLY = YAML({ overrides: '[plane.seats, pulse.delay]' }).replace(
    /features: \[.*\]/,
    'features: [plane.seats, pulse.delay]',
  );

  it('is not read for rows that send all that is needed of it', async () => {
    const { answer, sources } = plant(SEATS_ONLY);
    const objects = [{ tail: 'A', 'plane.seats': 1 }, { tail: 'B' }, { tail: 'C', 'plane.seats': 2 }, { tail: 'B' }];
    const sent = await answer({ request: { hour: 10, 'pulse.delay': 1 }, instances: { objects } });
    expect(sources.plane.asked).toEqual([['B']]);
    expect(sources.pulse.asked).toEqual([]);
    expect(valuesOf(columnOf(sent, 'plane.seats'))).toEqual([1, NaN, 2, NaN]);
  });

  it('is not read at all where every row does, and reads the key that another row still needs', async () => {
    const { answer, sources } = plant(SEATS_ONLY);
    await answer({ instances: { objects: [{ tail: 'A', 'plane.seats': 1 }] } });
    expect(sources.plane.asked).toEqual([]);
    await answer({ instances: { objects: [{ tail: 'A', 'plane.seats': 1 }, { tail: 'A' }] } });
    expect(sources.plane.asked).toEqual([['A']]);
  });

  it('is told of only for the cells that were not sent', async () => {
    const { answer } = plant(YAML());
    const objects = [
      { tail: 'C', 'plane.seats': 1 },
      { tail: 'C' },
      { tail: 'Z', 'plane.seats': 1 },
      { 'plane.seats': null },
    ];
    const { degraded } = await answer({ instances: { objects }, parameters: { degraded: 'full' } });
    expect(degraded.filter(({ view }) => view === 'plane')).toEqual([
      { view: 'plane', status: 'ERROR', source: 'default', count: 1, rows: [1] },
      { view: 'plane', status: 'NOT_FOUND', source: 'none', count: 2, rows: [2, 3] },
    ]);
  });

  it('fails no instance for a cell that was sent', async () => {
    const required = YAML({ view: ', onMissing: fail, onError: fail', model: ', partial: true' });
    const objects = [{ tail: 'C', 'plane.seats': 1 }, { tail: 'C' }, { tail: 'Z', 'plane.seats': 1 }];
    const { errors } = await plant(required).answer({ instances: { objects } });
    expect(errors.map(({ instance, error }) => [instance, error.code])).toEqual([
      [1, 'FEATURE_UNAVAILABLE'],
      [2, 'FEATURE_UNAVAILABLE'],
    ]);
    const sent = SEATS_ONLY.replace('maker: string }', 'maker: string }, required: true').replace(
      ', defaults: { seats: 150 }',
      '',
    );
    const { degraded } = await plant(sent).answer({ instances: { objects: [{ tail: 'Z', 'plane.seats': 1 }] } });
    expect(degraded).toEqual([]);
  });
});

describe('a feature that may not be sent so', () => {
  const GOOD = { tail: 'A' };

  it.each([
    [{ 'plane.seats': '180 seats' }, 'must be a whole number, is "180 seats"'],
    [{ 'plane.seats': 1.5 }, 'must be a whole number, is 1.5'],
    [{ 'plane.maker': 5 }, 'must be a string, is 5'],
    [{ 'plane.seats': '9007199254740993' }, 'is beyond 2^53, where features round'],
    [{ 'pulse.delay': 3 }, 'is per request: send it in `request`'],
    [{ 'plane.year': 3 }, 'is a feature, which callers may send only where `overrides:` lists it'],
    [{ older: 3 }, 'is a feature, which callers may send only where `overrides:` lists it'],
    [{ 'plane.seat': 3 }, 'is not an input, did you mean "plane.seats"?'],
  ])('is refused in an instance: %j', async (sent, problem) => {
    const [field] = Object.keys(sent);
    expect(await problems({ instances: { objects: [GOOD, { ...GOOD, ...sent }] } })).toEqual([
      { instance: 1, field, problem },
    ]);
  });

  it.each([
    [{ 'pulse.delay': 'late' }, 'must be a number, is "late"'],
    [{ 'plane.seats': 3 }, 'is per object: send it in the instances'],
    [{ 'pulse.flights': 3 }, 'is a feature, which callers may send only where `overrides:` lists it'],
    [{ 'pulse.dela': 3 }, 'is not an input, did you mean "pulse.delay"?'],
  ])('is refused in the request: %j', async (sent, problem) => {
    const field = `request.${Object.keys(sent)[0]}`;
    expect(await problems({ request: { hour: 1, ...sent }, instances: { objects: [GOOD] } })).toEqual([
      { field, problem },
    ]);
  });

  it.each([
    [{ 'pulse.delay': [3] }, { field: 'inputs.pulse.delay', problem: 'is per request: send it in `request`' }],
    [{ 'plane.seats': [3, 4] }, { field: 'inputs.plane.seats', problem: 'has 2 values; the other inputs have 1' }],
    [{ 'plane.seats': 3 }, { field: 'inputs.plane.seats', problem: 'must be a list with one value an instance' }],
    [{ 'plane.seats': ['x'] }, { instance: 0, field: 'plane.seats', problem: 'must be a whole number, is "x"' }],
  ])('is refused by column: %j', async (sent, problem) => {
    expect(await problems({ instances: { rows: 1, columns: { tail: ['A'], ...sent } } })).toEqual([problem]);
  });

  it('is passed over with other extra inputs only where no override has its name', async () => {
    const ignoring = YAML({ extra: 'ignore' });
    expect(await problems({ instances: { objects: [{ ...GOOD, 'plane.year': 1 }] } }, ignoring)).toBeUndefined();
    expect(await problems({ instances: { objects: [{ ...GOOD, 'pulse.delay': 1 }] } }, ignoring)).toEqual([
      { instance: 0, field: 'pulse.delay', problem: 'is per request: send it in `request`' },
    ]);
  });

  it('fails its own instance where the model is partial', async () => {
    const { answer } = plant(YAML({ model: ', partial: true' }));
    const objects = [
      { tail: 'A', 'plane.seats': 'x' },
      { tail: 'A', 'plane.seats': 9 },
    ];
    const { outputs, errors } = await answer({ want: 'outputs', instances: { objects } });
    expect(valuesOf(outputs[0])).toEqual([NaN, 9]);
    expect(errors.map(({ instance }) => instance)).toEqual([0]);
  });
});

it('what was sent reaches the fallback of a call that gathered nothing', async () => {
  const fallback = ', fallback: { cel: "pulse.delay == null ? 0.0 : pulse.delay", on: [DEADLINE_EXCEEDED] }';
  const { answer } = plant(YAML({ model: fallback }));
  const { outputs } = await answer({
    want: 'outputs',
    request: { hour: 10, 'pulse.delay': 9 },
    instances: { objects: [{ tail: 'A' }] },
    arrivedAt: { epochMs: 0, monotonicMs: performance.now() - 60_000 },
  });
  expect(valuesOf(outputs[0])).toEqual([9]);
});
