import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../../foundation/errors.ts';
import type { ModelClient } from '../../../../orchestrator/model/client.ts';
import { createPredict } from '../../../../orchestrator/predict/predict.ts';
import { ask, type Asked, type Told } from '../../../e2e/ask.ts';
import { modelOf, plantedDeployment, rowsSource } from '../../planted.ts';
import { serveFront, type Front } from './serve-front.ts';

const YAML = `
version: 1
project: p
inputs: { instance: { id: string, tail: "string?", km: double } }
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64 }, defaults: { seats: 150 } }
  route: { store: online, key: { id: instance.id }, fields: { share: double } }
models:
  m:
    id: instance.id
    features: [instance.km, plane.seats]
    partial: true
    fallback: { cel: "0.5", on: [WRAPPER_UNAVAILABLE] }
  late: { features: [instance.km, route.share] }
`;

let front: Front;
let isAway = false;
const client = modelOf(([km = 0, other = 0]) => km + (Number.isNaN(other) ? 0 : other));
const away = modelOf(() => 0, new AppError('WRAPPER_UNAVAILABLE', 'The model is not available.'));

beforeAll(async () => {
  const failing = { fetch: () => Promise.reject(new Error('planted')) };
  const sources = { plane: rowsSource({ A: { seats: 100 } }), route: failing };
  const switched: ModelClient = { ...client, infer: (...call) => (isAway ? away : client).infer(...call) };
  const deployment = plantedDeployment(YAML, { sources, client: switched });
  front = await serveFront({
    predict: createPredict(() => ({ deployment, release: () => {} }), {
      now: () => performance.now(),
      past: undefined,
    }),
    models: [
      { name: 'm', ready: true, version: '7', problem: undefined },
      { name: 'late', ready: false, version: '', problem: 'The model "late" is not loaded.' },
    ],
  });
});
afterAll(() => front[Symbol.asyncDispose]());

const INSTANCES = [
  { id: 'x', tail: 'A', km: 1 },
  { id: 'y', tail: 'Z', km: 2 },
];
const post = (body: object, more: Partial<Asked> = {}): Promise<Told> =>
  ask(front.at, { path: '/v1/models/m:predict', body, ...more });

describe('the V1 routes', () => {
  it('answer predictions with the ids, and tell what was defaulted without calling it an incident', async () => {
    const { status, headers, json } = await post({ instances: INSTANCES });
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        predictions: [101, 152],
        ids: ['x', 'y'],
        degraded: [{ view: 'plane', status: 'NOT_FOUND', source: 'default', count: 1 }],
      },
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'x-model-version': '7' });
    expect(headers).not.toHaveProperty('x-tandem-degraded');
    expect(headers).not.toHaveProperty('server-timing');
  });

  it('answer the same for columns', async () => {
    const inputs = { id: ['x', 'y'], tail: ['A', 'Z'], km: [1, 2] };
    expect((await post({ inputs })).text).toBe((await post({ instances: INSTANCES })).text);
  });

  it('answer features by name, with the status and the source of each value', async () => {
    const { json } = await post({ instances: INSTANCES, features: ['plane.seats'] }, { path: '/v1/models/m:features' });
    expect(json).toMatchObject({
      rows: 2,
      ids: ['x', 'y'],
      features: [
        {
          name: 'plane.seats',
          values: [100, 150],
          statuses: ['PRESENT', 'NOT_FOUND'],
          sources: ['store', 'default'],
          agesMs: [null, null],
        },
      ],
    });
  });

  it('name an incident in a header', async () => {
    const { status, headers } = await post({ instances: [INSTANCES[0]] }, { path: '/v1/models/late:predict' });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'x-tandem-degraded': 'route=error' });
  });

  it('name the instances that failed beside those that did not', async () => {
    const { status, json } = await post({ instances: [INSTANCES[0], { id: 'z', km: 'far' }], parameters: { topK: 1 } });
    expect({ status, ...json }).toMatchObject({ status: 200, predictions: [101, null], ranking: [0] });
    expect(json['errors']).toEqual([
      {
        instance: 1,
        code: 'INVALID_INPUT',
        error: 'instances[1].km must be a number, is "far".',
        details: [{ instance: 1, field: 'km', problem: 'must be a number, is "far"' }],
      },
    ]);
  });

  it('say which code the fallback stood in for', async () => {
    isAway = true;
    const { status, json } = await post({ instances: INSTANCES }).finally(() => (isAway = false));
    expect({ status, ...json }).toMatchObject({
      status: 200,
      predictions: [0.5, 0.5],
      fallback: 'WRAPPER_UNAVAILABLE',
    });
    expect(front.replies.at(-1)).toMatchObject({ model: 'm', code: 'FALLBACK', error: undefined });
  });

  it('give the time of each stage when asked', async () => {
    const { headers } = await post({ instances: INSTANCES, parameters: { timing: true } });
    const stages = 'decode features matrix model total'.split(' ').map((stage) => `${stage};dur=\\d+\\.\\d{3}`);
    expect(headers['server-timing']).toMatch(new RegExp(`^${stages.join(', ')}$`));
  });

  it('list the models, and tell of one', async () => {
    expect((await ask(front.at, { path: '/v1/models' })).json).toEqual({ models: ['m', 'late'] });
    expect((await ask(front.at, { path: '/v1/models/m' })).json).toEqual({ name: 'm', ready: true, version: '7' });
    expect((await ask(front.at, { path: '/v1/models/late' })).json).toEqual({
      name: 'late',
      ready: false,
      version: '',
    });
  });

  it('offer the near name for a model that is not there', async () => {
    const { status, json } = await post({ instances: INSTANCES }, { path: '/v1/models/lat:predict' });
    const error = 'There is no model of that name. Did you mean "late"?';
    expect({ status, ...json }).toMatchObject({ status: 404, code: 'UNKNOWN_MODEL', error });
  });
});

describe('the id of a request', () => {
  const idOf = async (given?: string, body: object = { instances: INSTANCES }): Promise<unknown> =>
    (await post(body, given === undefined ? {} : { headers: { 'x-request-id': given } })).headers['x-request-id'];

  it("is the caller's, on answers and on errors", async () => {
    expect(await idOf('order-17/b')).toBe('order-17/b');
    expect(await idOf('order-18', {})).toBe('order-18');
    expect(front.replies.at(-1)).toMatchObject({ requestId: 'order-18', code: 'INVALID_INPUT' });
  });

  it.each(['', 'two words', 'ümlaut', 'x'.repeat(129)])('is a new one instead of "%s"', async (odd) => {
    const id = await idOf(odd);
    expect(id).toMatch(/^[\w-]{3,40}$/);
    expect(await idOf(odd)).not.toBe(id);
  });
});

describe('a path that takes one method', () => {
  it('answers HEAD as it would GET, without the body', async () => {
    const { status, headers, text } = await ask(front.at, { path: '/v2/health/live', method: 'HEAD' });
    expect({ status, length: headers['content-length'], text }).toEqual({ status: 200, length: '13', text: '' });
  });

  it.each(['HEAD', 'GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('names it to a caller that uses %s', async (method) => {
    const { status, headers } = await ask(front.at, { path: '/v1/models/m:predict', method });
    expect({ status, allow: headers['allow'] }).toEqual({ status: 405, allow: 'POST' });
  });
});

describe('a caller that leaves amid its body', () => {
  it('is cancelled, which is no error of ours', async () => {
    const [host = '', port] = front.at.split(':');
    const socket = connect(Number(port), host);
    const before = front.replies.length;
    socket.write(
      'POST /v1/models/m:predict HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n',
    );
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toContain('100 Continue');
    socket.write('{"instances":[');
    socket.resetAndDestroy();
    await vi.waitFor(() => expect(front.replies.length).toBe(before + 1), { interval: 5, timeout: 10_000 });
    expect(front.replies.at(-1)).toMatchObject({ model: 'm', code: 'CANCELLED' });
  });
});
