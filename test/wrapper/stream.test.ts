import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAnswers } from '../../proto/parts.ts';
import { inferenceService } from '../../proto/service.ts';
import { encodeStrings } from '../../proto/tensors.ts';
import { connectTo, isServiceError, numbersOf, part, type WireClient } from './wire-client.ts';
import { openProject, type Project, type Wrap } from './wrap-process.ts';

/** Adds a and b; `parameters.do` makes it misbehave, wait, or tell what it has seen. */
const SOURCE = `
import type { Predictor, PredictRequest } from 'tandem-serving';

const gates = new Map<string, () => void>();
const aborted: string[] = [];
let calls = 0;
const reused = new Float64Array(1);

export default class Sum implements Predictor {
  predict(request: PredictRequest): any {
    calls += 1;
    const { rows, matrix, parameters } = request;
    const sums = Float64Array.from({ length: rows }, (_, row) => matrix[row * 2] + matrix[row * 2 + 1]);
    switch (parameters.do) {
      case undefined: return sums;
      case 'reuse': reused[0] = sums[0]; return reused;
      case 'throw': throw new Error('secret /etc/shadow');
      case 'nan': return sums.fill(Number.NaN);
      case 'strings': return Array.from(sums, String);
      case 'two': return { sum: sums, pair: { shape: [rows, 2], data: [...matrix] } };
      case 'wait': return new Promise((resolve) => gates.set(String(parameters.gate), () => resolve(sums)));
      case 'open': gates.get(String(parameters.gate))!(); return sums;
      case 'watch': {
        const { signal } = request;
        return new Promise((_, reject) => signal.addEventListener('abort', () => {
          aborted.push(String((signal.reason as { code: string }).code));
          reject(signal.reason);
        }));
      }
      case 'block': { const end = performance.now() + 30; while (performance.now() < end); return sums; }
      case 'aborted': return aborted.length === 0 ? ['none'] : [aborted.splice(0).join()];
      case 'calls': { const seen = calls; calls = 0; return [seen]; }
      case 'columns': return request.column('b');
    }
  }
}
`;

let project: Project;
let wrap: Wrap;
let client: WireClient;
beforeAll(async () => {
  project = await openProject(SOURCE);
  wrap = project.wrap();
  client = connectTo((await wrap.loaded()).address);
});
afterAll(async () => {
  client.close();
  await project.close();
});

const errorOf = (json: string | undefined): unknown => JSON.parse(json ?? 'null');

test('the parts of one message are answered in one message, each with its own rows', async () => {
  const stream = client.stream();
  stream.sendParts([part(1, [1, 2]), part(2, [10, 20, 30, 40]), part(3, [5, 5], { do: 'columns' })]);
  const { infer_response: response } = await stream.next();
  const answers = readAnswers(response!)!;
  expect(answers.map(({ id, rows, status }) => [id, rows, status])).toEqual([
    [1, 1, 0],
    [2, 2, 0],
    [3, 1, 0],
  ]);
  expect(answers.map(({ outputs }) => numbersOf(outputs[0].raw))).toEqual([[3], [30, 70], [5]]);
  expect(answers[1].outputs[0]).toMatchObject({ name: 'predictions', datatype: 'FP64', shape: [2] });
  expect(response!.model_version).toMatch(/^[0-9a-f]{12}$/);
  await stream.end();
});

test('a predictor that fills the same array for every part does not mix their answers', async () => {
  const stream = client.stream();
  stream.sendParts([1, 2, 3, 4].map((id) => part(id, [id, 0], { do: 'reuse' })));
  const answers = await stream.answers([1, 2, 3, 4]);
  expect([1, 2, 3, 4].map((id) => numbersOf(answers.get(id)!.outputs[0].raw))).toEqual([[1], [2], [3], [4]]);
  await stream.end();
});

test('an error is its own part’s: the others and the stream go on, and the caller does not see its text', async () => {
  const stream = client.stream();
  stream.sendParts([
    part(1, [1, 2]),
    part(2, [1, 2], { do: 'throw' }),
    part(3, [1, 2], { do: 'nan' }),
    part(4, [3, 4]),
  ]);
  const answers = await stream.answers([1, 2, 3, 4]);
  expect([1, 4].map((id) => numbersOf(answers.get(id)!.outputs[0].raw))).toEqual([[3], [7]]);
  expect(answers.get(2)).toMatchObject({ status: 13, rows: 0 });
  expect(errorOf(answers.get(2)!.error)).toEqual({
    code: 'PREDICTOR_FAILED',
    error: 'The predictor failed; the log of the wrapper says why.',
  });
  expect(errorOf(answers.get(3)!.error)).toEqual({
    code: 'PREDICTOR_INVALID_OUTPUT',
    error: '`predict` returned NaN for row 0; every number is finite.',
  });
  expect(await wrap.logged(/secret/)).toMatch(/Error: secret \/etc\/shadow.*predictor\.ts:/);
  stream.sendParts([part(5, [1, 1])]);
  expect(numbersOf((await stream.answers([5])).get(5)!.outputs[0].raw)).toEqual([2]);
  await stream.end();
});

test('a part is answered when it is finished, also before one that came first', async () => {
  const stream = client.stream();
  stream.sendParts([part(1, [1, 2], { do: 'wait', gate: 'late' })]);
  stream.sendParts([part(2, [3, 4])]);
  expect([...(await stream.answers([2])).keys()]).toEqual([2]);
  stream.sendParts([part(3, [0, 0], { do: 'open', gate: 'late' })]);
  const answers = await stream.answers([1, 3]);
  expect(numbersOf(answers.get(1)!.outputs[0].raw)).toEqual([3]);
  await stream.end();
});

test('parts with other outputs than their neighbours travel in messages of their own', async () => {
  const stream = client.stream();
  stream.sendParts([
    part(1, [1, 2]),
    part(2, [3, 4], { do: 'two' }),
    part(3, [5, 6], { do: 'strings' }),
    part(4, [7, 8]),
  ]);
  const answers = await stream.answers([1, 2, 3, 4]);
  expect(answers.get(2)!.outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ['sum', [1]],
    ['pair', [1, 2]],
  ]);
  expect(answers.get(3)!.outputs[0]).toMatchObject({ datatype: 'BYTES', shape: [1] });
  expect(Buffer.from(answers.get(3)!.outputs[0].raw)).toEqual(encodeStrings(['11']));
  expect(numbersOf(answers.get(4)!.outputs[0].raw)).toEqual([15]);
  await stream.end();
});

test('a part that expired in the queue is not begun', async () => {
  const stream = client.stream();
  stream.sendParts([part(1, [0, 0], { do: 'calls' })]);
  await stream.answers([1]);
  stream.sendParts([
    part(2, [1, 1], { do: 'block' }),
    part(3, [1, 1], undefined, 10_000),
    part(4, [1, 1], undefined, 0),
  ]);
  const answers = await stream.answers([2, 3, 4]);
  expect([2, 3, 4].map((id) => answers.get(id)!.status)).toEqual([0, 4, 4]);
  expect(errorOf(answers.get(3)!.error)).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  stream.sendParts([part(5, [0, 0], { do: 'calls' })]);
  expect(numbersOf((await stream.answers([5])).get(5)!.outputs[0].raw)).toEqual([2]);
  await stream.end();
});

test('a cancelled part is not begun when it waits, and its signal is aborted when it runs', async () => {
  const stream = client.stream();
  stream.sendParts([part(1, [1, 1], { do: 'watch' })]);
  stream.sendParts([part(2, [0, 0], { do: 'calls' })]);
  await stream.answers([2]);
  stream.sendParts([part(3, [0, 0])]);
  stream.cancel([1, 3, 77]);
  const answers = await stream.answers([1, 3]);
  expect([...answers.values()].map(({ status }) => status)).toContain(1);
  expect(answers.get(1)!.status).toBe(1);
  stream.sendParts([part(4, [0, 0], { do: 'aborted' })]);
  expect(Buffer.from((await stream.answers([4])).get(4)!.outputs[0].raw)).toEqual(encodeStrings(['CANCELLED']));
  await stream.end();
});

test('the signal is aborted at the deadline, and when the caller hangs up', async () => {
  const late = client.stream();
  late.sendParts([part(1, [1, 1], { do: 'watch' }, 20_000)]);
  expect((await late.answers([1])).get(1)!.status).toBe(4);
  const gone = client.stream();
  gone.sendParts([part(1, [1, 1], { do: 'watch' })]);
  gone.sendParts([part(2, [1, 1])]);
  await gone.answers([2]);
  gone.hangUp();
  const seen = new Set<string>();
  for (let id = 2; !seen.has('CANCELLED'); id += 1) {
    late.sendParts([part(id, [1, 1], { do: 'aborted' })]);
    const text = Buffer.from((await late.answers([id])).get(id)!.outputs[0].raw).toString('utf8', 4);
    for (const code of text.split(',')) seen.add(code);
  }
  expect(seen).toContain('DEADLINE_EXCEEDED');
  await late.end();
});

test('tensors that are not the model’s fail their parts and say what the model takes', async () => {
  const stream = client.stream();
  const wide = { name: 'features', datatype: 'FP64', shape: [1, 3], raw: new Uint8Array(24) };
  const named = { name: 'x', datatype: 'FP64', shape: [1, 2], raw: new Uint8Array(16) };
  stream.sendParts([{ id: 1, rows: 1, remainingUs: 1e6, tensors: [wide] }]);
  stream.sendParts([{ id: 2, rows: 1, remainingUs: 1e6, tensors: [named] }]);
  const answers = await stream.answers([1, 2]);
  expect(errorOf(answers.get(1)!.error)).toEqual({
    code: 'INVALID_INPUT',
    error: 'The model takes "features" of shape [1, 2], not [1, 3].',
  });
  expect(answers.get(2)).toMatchObject({ status: 3 });
  await stream.end();
});

test('a message that cannot be read is told in error_message, and the stream goes on', async () => {
  const stream = client.stream();
  stream.sendBytes(Buffer.from([0xff, 0xff, 0xff]));
  expect(await stream.next()).toMatchObject({ error_message: expect.stringContaining('well-formed') as string });
  stream.sendParts([part(1, [1, 1])]);
  expect((await stream.answers([1])).get(1)!.status).toBe(0);
  await stream.end();
});

test('an ordinary message on the stream has an ordinary answer', async () => {
  const stream = client.stream();
  const raw = Buffer.from(Float64Array.of(1, 2, 3, 4).buffer);
  const inputs = [{ name: 'features', datatype: 'FP64', shape: [2, 2] }];
  stream.send({ model_name: 'm', id: 'x', inputs, raw_input_contents: [raw] });
  const { infer_response: response } = await stream.next();
  expect(response).toMatchObject({ model_name: 'm', id: 'x' });
  expect(response!.outputs).toMatchObject([{ name: 'predictions', datatype: 'FP64', shape: [2] }]);
  expect(numbersOf(response!.raw_output_contents[0])).toEqual([3, 7]);
  stream.send({ model_name: 'other', inputs, raw_input_contents: [raw] });
  expect(await stream.next()).toMatchObject({ error_message: 'There is no model "other" here.' });
  await stream.end();
});

test('a stream that its caller half-closes ends after its last answer', async () => {
  const stream = client.stream();
  stream.sendParts([part(1, [1, 2], { do: 'wait', gate: 'end' })]);
  const other = client.stream();
  other.sendParts([part(1, [1, 2])]);
  await other.answers([1]);
  const ended = stream.end();
  other.sendParts([part(2, [0, 0], { do: 'open', gate: 'end' })]);
  expect(numbersOf((await stream.answers([1])).get(1)!.outputs[0].raw)).toEqual([3]);
  await Promise.all([ended, other.end()]);
});

test('the unary calls of the protocol work beside the stream', async () => {
  const { ServerMetadata, ServerLive, ServerReady, ModelReady, ModelMetadata, RepositoryIndex } = inferenceService;
  expect(await client.call(ServerLive, {})).toEqual({ live: true });
  expect(await client.call(ServerReady, {})).toEqual({ ready: true });
  expect(await client.call(ModelReady, { name: 'm' })).toEqual({ ready: true });
  expect(await client.call(ModelReady, { name: 'other' })).toEqual({ ready: false });
  expect((await client.call(ServerMetadata, {})).extensions).toContain('tandem.stream.v1');
  expect((await client.call(ModelMetadata, { name: 'm' })).inputs).toEqual([
    { name: 'features', datatype: 'FP64', shape: ['-1', '2'] },
  ]);
  expect((await client.call(RepositoryIndex, {})).models).toMatchObject([{ name: 'm', state: 'READY' }]);
});

test('ModelInfer takes typed contents, other datatypes, parameters and a choice of outputs', async () => {
  const response = await client.call(inferenceService.ModelInfer, {
    model_name: 'm',
    parameters: { do: { string_param: 'two' } },
    inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 2], contents: { fp32_contents: [1.5, 2] } }],
    outputs: [{ name: 'sum' }],
    raw_input_contents: [],
  });
  expect(response.outputs.map(({ name }) => name)).toEqual(['sum']);
  expect(numbersOf(response.raw_output_contents[0] as Uint8Array)).toEqual([3.5]);
});

test('ModelInfer tells its failures by gRPC codes and the exact code in a trailer', async () => {
  const failures: [string, object, number, string][] = [
    ['m', { do: { string_param: 'throw' } }, 13, 'PREDICTOR_FAILED'],
    ['other', {}, 5, 'UNKNOWN_MODEL'],
  ];
  for (const [model, parameters, status, code] of failures) {
    const raw = Buffer.from(Float64Array.of(1, 2).buffer);
    const inputs = [{ name: 'features', datatype: 'FP64', shape: [1, 2] }];
    const request = { model_name: model, parameters: { ...parameters }, inputs, raw_input_contents: [raw] };
    const error: unknown = await client.call(inferenceService.ModelInfer, request).catch((thrown: unknown) => thrown);
    if (!isServiceError(error)) throw new Error('the call did not fail');
    expect([error.code, error.metadata.get('tandem-code')]).toEqual([status, [code]]);
  }
});
