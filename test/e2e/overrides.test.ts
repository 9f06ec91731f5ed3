import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../../orchestrator/app.ts';
import { ask, type Told } from './ask.ts';
import { projectFolder, serveProject, wrapProject, type Wrapper } from './serve-project.ts';

const YAML = `
version: 1
project: p
inputs:
  request: { city: string }
  instance: { tail: string }
overrides: [plane.seats, age, pulse.delay]
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64, year: int64 }, onMissing: fail }
  pulse: { store: online, key: { city: request.city }, fields: { delay: double } }
onDemand: { age: { type: int64, cel: "2013 - plane.year" } }
models:
  sum:
    deadline: 5s
    features: [plane.seats, age, pulse.delay]
    partial: true
    wrapper: { predictor: ./predictor.ts }
telemetry: { logs: { level: silent } }
`;
const PREDICTOR = `
export default class Sum {
  predict({ rows, matrix }) {
    return Array.from({ length: rows }, (_, row) => matrix[3 * row] + matrix[3 * row + 1] + matrix[3 * row + 2]);
  }
}
`;

let cleanUp: AsyncDisposableStack;
let app: App;

beforeAll(async () => {
  cleanUp = new AsyncDisposableStack();
  const { folder } = cleanUp.use(await projectFolder({ 'tandem.yaml': YAML, 'predictor.ts': PREDICTOR }));
  const [served, wrapper]: [{ app: App }, Wrapper] = await Promise.all([serveProject(folder), wrapProject(folder)]);
  ({ app } = served);
  cleanUp.defer(() => app.drain());
  cleanUp.defer(() => wrapper.kill());
  const store = app.deployment.stores.get('online')!;
  const { signal } = new AbortController();
  await store.sink('plane').write([{ key: 'A', values: { seats: 100, year: 2003 } }], { signal });
  await store.sink('pulse').write([{ key: 'NYC', values: { delay: 1000 } }], { signal });
  await app.ready;
});
afterAll(() => cleanUp.disposeAsync());

const predict = (body: object): Promise<Told> =>
  ask(app.listening.http, { path: '/v1/models/sum:predict', body: { request: { city: 'NYC' }, ...body } });

it('the model is given what a caller sent, instance by instance', async () => {
  const { status, json } = await predict({
    instances: [{ tail: 'A' }, { tail: 'A', 'plane.seats': 200 }, { tail: 'A', 'plane.seats': 200, age: 1 }],
  });
  expect({ status, ...json }).toEqual({ status: 200, predictions: [1110, 1210, 1201] });
  const all = await predict({ request: { city: 'NYC', 'pulse.delay': 0 }, inputs: { tail: ['A'], age: [0] } });
  expect(all.json).toEqual({ predictions: [100] });
});

it('an instance that nobody knows is scored once all that would be read of it was sent', async () => {
  const unknown = { tail: 'Z', 'plane.seats': 1 };
  const { json, headers } = await predict({ instances: [unknown, { ...unknown, age: 2 }] });
  expect(json['predictions']).toEqual([null, 1003]);
  expect(json['errors']).toMatchObject([{ instance: 0, code: 'FEATURE_UNAVAILABLE' }]);
  expect((await predict({ instances: [{ ...unknown, age: 2 }] })).json).toEqual({ predictions: [1003] });
  expect(headers['x-tandem-degraded']).toBeUndefined();
});

it(':features says which values are the caller’s', async () => {
  const body = { request: { city: 'NYC' }, instances: [{ tail: 'A', 'plane.seats': null }, { tail: 'A' }] };
  const { json } = await ask(app.listening.http, { path: '/v1/models/sum:features', body });
  expect(json).toMatchObject({
    features: [
      { name: 'plane.seats', values: [null, 100], statuses: ['NULL_VALUE', 'PRESENT'], sources: ['request', 'store'] },
      { name: 'age', values: [10, 10], sources: ['compute', 'compute'] },
      { name: 'pulse.delay', values: [1000, 1000], sources: ['store', 'store'] },
    ],
  });
});

it('what may not be sent is refused with its place and its mend', async () => {
  const { status, json } = await predict({
    request: { city: 'NYC', 'plane.seats': 1 },
    instances: [{ tail: 'A', 'pulse.delay': 1, 'plane.year': 1, age: 'old' }],
  });
  expect(status).toBe(400);
  expect(json['details']).toEqual([
    { field: 'request.plane.seats', problem: 'is per object: send it in the instances' },
    { instance: 0, field: 'pulse.delay', problem: 'is per request: send it in `request`' },
    {
      instance: 0,
      field: 'plane.year',
      problem: 'is a feature, which callers may send only where `overrides:` lists it',
    },
    { instance: 0, field: 'age', problem: 'must be a whole number, is "old"' },
  ]);
});

it('the metrics count the values of a view that were sent', async () => {
  const sent = async (): Promise<number> => {
    const { text } = await ask(app.listening.admin, { path: '/metrics' });
    const line = text
      .split('\n')
      .find((each) => /^tandem_view_values_total\{.*view="plane".*source="request"/.test(each));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  const before = await sent();
  await predict({ instances: [{ tail: 'A', 'plane.seats': 1 }, { tail: 'A' }] });
  expect(await sent()).toBe(before + 1);
});
