import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '../../../../orchestrator/predict/call.ts';
import { ask, type Told } from '../../../e2e/ask.ts';
import { answerOf } from './answer-of.ts';
import { serveFront, type Front } from './serve-front.ts';

let front: Front;
let seen: Call | undefined;
beforeAll(async () => {
  front = await serveFront({
    predict: (arrived) => {
      seen = arrived;
      return Promise.resolve(answerOf({ outputs: [{ name: 'o', values: Float64Array.of(1) }] }));
    },
  });
});
afterAll(() => front[Symbol.asyncDispose]());

const INSTANCES = { instances: [{ km: 1 }] };

async function call(body: unknown, headers: Record<string, string> = {}, verb = 'predict'): Promise<Call> {
  seen = undefined;
  const told = await ask(front.at, { path: `/v1/models/m:${verb}`, body, headers });
  if (!seen) throw new Error(`The call was refused: ${told.text}`);
  return seen;
}

async function refusal(body: unknown, headers: Record<string, string> = {}, verb = 'predict'): Promise<Told['json']> {
  seen = undefined;
  const { status, json } = await ask(front.at, { path: `/v1/models/m:${verb}`, body, headers });
  expect({ status, seen }).toEqual({ status: 400, seen: undefined });
  return json;
}

describe('a V1 request', () => {
  it('is a call with objects, request inputs and parameters as they were sent', async () => {
    const body = { ...INSTANCES, request: { time: 'now' }, parameters: { topK: 3, mine: [1] } };
    expect(await call(body)).toMatchObject({
      model: 'm',
      want: 'outputs',
      instances: { objects: [{ km: 1 }] },
      request: { time: 'now' },
      parameters: { topK: 3, mine: [1] },
    });
  });

  it('may be columns, one list an input', async () => {
    const { instances } = await call({ inputs: { km: [1, 2], id: ['a', 'b'] } });
    expect(instances).toEqual({ rows: 2, columns: { km: [1, 2], id: ['a', 'b'] } });
  });

  it('asks for features by the other verb, all of them or those that it names', async () => {
    expect(await call(INSTANCES, {}, 'features')).toMatchObject({ want: 'features' });
    expect(await call({ ...INSTANCES, features: ['a', 'b.c'] }, {}, 'features')).toMatchObject({
      features: ['a', 'b.c'],
    });
  });

  it.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain; charset=utf-8'])(
    'is JSON though its Content-Type is %s',
    async (type) => {
      expect(await call(INSTANCES, { 'content-type': type })).toMatchObject({ model: 'm' });
    },
  );

  it('takes null for no request inputs and no parameters', async () => {
    expect(await call({ ...INSTANCES, request: null, parameters: null })).toMatchObject({
      request: {},
      parameters: {},
    });
  });

  it('takes its model from the path, percent-encoded or not', async () => {
    await ask(front.at, { path: '/v1/models/de%6Cay-risk.v2:predict', body: INSTANCES });
    expect(seen).toMatchObject({ model: 'delay-risk.v2' });
  });

  it('carries the limit, the priority and the trace of its headers', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = { 'x-request-timeout-ms': '80.5', 'x-priority': 'high', traceparent };
    expect(await call(INSTANCES, headers)).toMatchObject({ deadlineMs: 80.5, priority: 'high', trace: traceparent });
    const plain = await call(INSTANCES);
    expect(plain).not.toHaveProperty('deadlineMs');
    expect(plain).not.toHaveProperty('trace');
  });

  it('is answered without a trace that is not of the form, as the specification asks', async () => {
    expect(await call(INSTANCES, { traceparent: '00-xyz-1-01' })).not.toHaveProperty('trace');
  });

  it('keeps a name that objects inherit where it was sent', async () => {
    expect(await call('{"instances":[{"km":1}],"parameters":{"constructor":1}}')).toMatchObject({
      parameters: { constructor: 1 },
    });
  });
});

describe('a V1 request is refused', () => {
  it.each([
    [{ instance: [{}] }, 'instance', 'is not a key of a request, did you mean "instances"?'],
    [{ ...INSTANCES, zzz: 1 }, 'zzz', 'is not a key of a request'],
    [{ ...INSTANCES, features: ['a'] }, 'features', 'is not a key of a request'],
    [{ ...INSTANCES, inputs: { km: [1] } }, 'instances', 'send either "instances" or "inputs"'],
    [{}, 'instances', 'is required: a list of objects'],
    [{ instances: { km: 1 } }, 'instances', 'must be a list of objects'],
    [{ instances: null }, 'instances', 'must be a list of objects'],
    [{ inputs: [] }, 'inputs', 'must be an object'],
    [{ inputs: {} }, 'inputs', 'must hold a list with one value an instance for each input'],
    [{ inputs: { km: 1 } }, 'inputs', 'must hold a list with one value an instance for each input'],
    [{ ...INSTANCES, request: [] }, 'request', 'must be an object'],
    [{ ...INSTANCES, parameters: 'x' }, 'parameters', 'must be an object'],
    [{ ...INSTANCES, parameters: { timing: 1 } }, 'parameters.timing', 'must be true or false'],
    [{ ...INSTANCES, parameters: { degraded: true } }, 'parameters.degraded', 'must be "full"'],
    [{ ...INSTANCES, parameters: { topK: 0 } }, 'parameters.topK', 'must be a whole number above 0'],
    [
      { ...INSTANCES, parameters: { drop: ['a', 1] } },
      'parameters.drop',
      'must be a list of names of features, such as "plane.seats" or "plane.*"',
    ],
    [{ ...INSTANCES, parameters: { topK: 1.5 } }, 'parameters.topK', 'must be a whole number above 0'],
  ])('for %j', async (body, field, problem) => {
    expect(await refusal(body)).toMatchObject({ code: 'INVALID_INPUT', details: [{ field, problem }] });
  });

  it.each([[[]], ['a'], [['a', 1]]])('for the features %j', async (features) => {
    expect(await refusal({ ...INSTANCES, features }, {}, 'features')).toMatchObject({
      details: [{ field: 'features', problem: 'must be a list of feature names' }],
    });
  });

  it.each(['0', '-5', 'soon', '', 'Infinity', '0x10', '1e3', '10ms'])('for a limit of "%s" ms', async (limit) => {
    expect(await refusal(INSTANCES, { 'x-request-timeout-ms': limit })).toMatchObject({
      details: [{ field: 'X-Request-Timeout-Ms', problem: 'must be milliseconds above 0' }],
    });
  });

  it.each(['', 'null', '5', '"text"', '[{}]', '{"instances":[{}]', '{"instances":[NaN]}', '\ufeff{}'])(
    'for the body %s',
    async (body) => {
      expect(await refusal(body)).toMatchObject({ code: 'INVALID_INPUT', retryable: false });
    },
  );
});
