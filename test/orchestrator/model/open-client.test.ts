import { once, EventEmitter } from 'node:events';
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import type { InferCall, ModelClient, Tensor } from '../../../orchestrator/model/client.ts';
import { newCounters } from '../../../orchestrator/model/counters.ts';
import { openModelClient, type ModelClientOptions } from '../../../orchestrator/model/open-client.ts';
import { encodeStreamResponse } from '../../../proto/codec.ts';
import type { Part, PartAnswer } from '../../../proto/parts.ts';
import { encodeTensor } from '../../../proto/tensors.ts';
import { echo, socketFolder, startPeer, type Peer } from './peer.ts';

const matrix = (...firsts: number[]): Tensor[] => [
  {
    name: 'features',
    datatype: 'FP64',
    shape: [firsts.length, 2],
    data: Float64Array.from(firsts.flatMap((first) => [first, 0])),
  },
];
const zeros = (rows: number): Tensor[] => [
  { name: 'features', datatype: 'FP64', shape: [rows, 2], data: new Float64Array(rows * 2) },
];
const within = (ms: number, rows = 1): InferCall => ({ rows, deadlineMs: performance.now() + ms });
const code = (name: string) => expect.objectContaining({ code: name });

async function connect(peer: Peer, options: Partial<ModelClientOptions> = {}) {
  const client = openModelClient({ address: peer.address, model: 'm', features: [], ...options });
  await becomes(client, true);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

async function becomes(client: ModelClient, ready: boolean): Promise<void> {
  if (client.ready === ready) return;
  await new Promise<void>((resolve) => client.onReadyChange((now) => now === ready && resolve()));
}

describe('a client of our wrapper', () => {
  test('loads the model with its features, and knows its signature and version', async () => {
    await using peer = await startPeer({});
    const features = [
      { name: 'a', type: 'double' as const },
      { name: 'plane.seats', type: 'int64' as const },
    ];
    await using client = await connect(peer, { features });
    expect(peer.loaded).toEqual([{ features }]);
    expect(client.signature?.inputs).toEqual([{ name: 'features', datatype: 'FP64', shape: [-1, 2] }]);
    expect(client.modelVersion).toBe('3');
  });

  test('answers a call with the outputs of its rows', async () => {
    await using peer = await startPeer({ onParts: (parts, reply) => reply(parts.map(echo)) });
    await using client = await connect(peer);
    const result = await client.infer(matrix(7, 8), within(1000, 2));
    expect(result).toEqual({ outputs: [{ name: 'y', shape: [2], data: Float64Array.of(7, 8) }], modelVersion: '3' });
  });

  test('sends the calls of one turn in one message', async () => {
    const sizes: number[] = [];
    await using peer = await startPeer({
      onParts: (parts, reply) => {
        sizes.push(parts.length);
        reply(parts.map(echo));
      },
    });
    await using client = await connect(peer);
    await Promise.all([1, 2, 3].map((value) => client.infer(matrix(value), within(1000))));
    expect(sizes).toEqual([3]);
  });

  test('sends calls with other tensors in messages of their own', async () => {
    const sizes: number[] = [];
    await using peer = await startPeer({
      onParts: (parts, reply) => {
        sizes.push(parts.length);
        reply(parts.map(echo));
      },
    });
    await using client = await connect(peer);
    const other = [{ ...matrix(3)[0], name: 'others' }];
    await Promise.all([matrix(1), matrix(2), other].map((tensors) => client.infer(tensors, within(1000))));
    expect(sizes).toEqual([2, 1]);
  });

  test('splits what is ready at a megabyte', async () => {
    const sizes: number[] = [];
    await using peer = await startPeer({
      isAtomic: true,
      onParts: (parts, reply) => {
        sizes.push(parts.length);
        reply(parts.map((part) => ({ id: part.id, rows: part.rows, status: 0, outputs: [] })));
      },
    });
    await using client = await connect(peer);
    await Promise.all([1, 2, 3, 4, 5].map(() => client.infer(zeros(25_000), within(5000, 25_000))));
    expect(sizes).toEqual([2, 2, 1]);
  });

  test('never mixes the answers of concurrent callers, however the server orders and splits them', async () => {
    await using peer = await startPeer({
      onParts: (parts, reply) => {
        const shuffled = parts.map(echo).sort((left, right) => (left.id % 7) - (right.id % 7));
        const half = Math.ceil(shuffled.length / 2);
        setImmediate(reply, shuffled.slice(half));
        reply(shuffled.slice(0, half));
      },
    });
    await using client = await connect(peer);
    const caller = async (number: number): Promise<number> => {
      let wrong = 0;
      for (let turn = 0; turn < 60; turn++) {
        const values = Array.from({ length: 1 + ((number + turn) % 5) }, (_, row) => number * 1e6 + turn * 10 + row);
        const { outputs } = await client.infer(matrix(...values), within(10_000, values.length));
        const answered = outputs[0].data;
        if (answered.length !== values.length || values.some((value, row) => answered[row] !== value)) wrong++;
      }
      return wrong;
    };
    const wrong = await Promise.all(Array.from({ length: 32 }, (_, number) => caller(number)));
    expect(wrong.every((count) => count === 0)).toBe(true);
  });

  test('fails only the part that failed, with its own code and sentence', async () => {
    const error = JSON.stringify({ code: 'PREDICTOR_INVALID_OUTPUT', error: 'The model answered NaN.' });
    await using peer = await startPeer({
      onParts: (parts, reply) =>
        reply(parts.map((part, index) => (index === 1 ? { ...echo(part), rows: 0, status: 13, error } : echo(part)))),
    });
    await using client = await connect(peer);
    const [first, second, third] = await Promise.allSettled(
      [1, 2, 3].map((value) => client.infer(matrix(value), within(1000))),
    );
    expect([first.status, third.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(second).toMatchObject({
      reason: { code: 'PREDICTOR_INVALID_OUTPUT', message: 'The model answered NaN.' },
    });
  });

  test('an answer with other rows than the call is PREDICTOR_INVALID_OUTPUT', async () => {
    const raw = encodeTensor(Float64Array.of(1, 2));
    const answer = (part: Part): PartAnswer => ({
      id: part.id,
      rows: 2,
      status: 0,
      outputs: [{ name: 'y', datatype: 'FP64', shape: [2], raw }],
    });
    await using peer = await startPeer({ onParts: (parts, reply) => reply(parts.map(answer)) });
    await using client = await connect(peer);
    await expect(client.infer(matrix(1), within(1000))).rejects.toThrow(code('PREDICTOR_INVALID_OUTPUT'));
  });

  test('outputs of every type come as doubles or strings', async () => {
    const outputs = [
      { name: 'i', datatype: 'INT64', shape: [1], raw: encodeTensor(BigInt64Array.of(-5n)) },
      { name: 'f', datatype: 'FP32', shape: [1, 2], raw: encodeTensor(Float32Array.of(0.5, 2)) },
      { name: 's', datatype: 'BYTES', shape: [1], raw: encodeTensor(['é']) },
    ];
    await using peer = await startPeer({
      onParts: (parts, reply) => reply(parts.map((part) => ({ id: part.id, rows: 1, status: 0, outputs }))),
    });
    await using client = await connect(peer);
    const result = await client.infer(matrix(1), within(1000));
    expect(result.outputs.map(({ data }) => data)).toEqual([Float64Array.of(-5), Float64Array.of(0.5, 2), ['é']]);
  });

  test('parameters and trace reach the server with their own part', async () => {
    const seen: (string | undefined)[][] = [];
    await using peer = await startPeer({
      onParts: (parts, reply) => {
        seen.push(...parts.map((part) => [part.parameters, part.trace]));
        reply(parts.map(echo));
      },
    });
    await using client = await connect(peer);
    await Promise.all([
      client.infer(matrix(1), { ...within(1000), parameters: '{"a":1}' }),
      client.infer(matrix(2), { ...within(1000), trace: '00-ab-cd-01' }),
    ]);
    expect(seen).toEqual([
      ['{"a":1}', undefined],
      [undefined, '00-ab-cd-01'],
    ]);
  });
});

describe('deadlines and cancelling', () => {
  test('a caller is answered at its deadline, the part is cancelled, and its late answer is dropped', async () => {
    const events = new EventEmitter();
    const replies: (() => void)[] = [];
    await using peer = await startPeer({
      onParts: (parts, reply) => {
        if (parts[0].id === 1) replies.push(() => reply(parts.map(echo)));
        else reply(parts.map(echo));
      },
      onCancel: (ids) => events.emit('cancel', ids),
    });
    const counters = newCounters();
    await using client = await connect(peer, { counters });
    const cancelled = once(events, 'cancel');
    const start = performance.now();
    await expect(client.infer(matrix(1), within(40))).rejects.toThrow(code('DEADLINE_EXCEEDED'));
    const tookMs = performance.now() - start;
    expect(tookMs).toBeGreaterThanOrEqual(39);
    expect(tookMs).toBeLessThan(140);
    expect(await cancelled).toEqual([[1]]);
    expect(counters).toMatchObject({ partsInFlight: 1, abandonedParts: 1, lateParts: 0 });
    replies.forEach((reply) => reply());
    await client.infer(matrix(2), within(1000));
    expect(counters).toMatchObject({ partsInFlight: 0, bytesInFlight: 0, lateParts: 1 });
  });

  test('an earlier deadline is not kept waiting by a later one', async () => {
    await using peer = await startPeer({});
    await using client = await connect(peer);
    const order: string[] = [];
    const call = (ms: number) => client.infer(matrix(1), within(ms)).catch(() => order.push(String(ms)));
    await Promise.all([call(90), call(30), call(60)]);
    expect(order).toEqual(['30', '60', '90']);
  });

  test('a call whose deadline has passed is not sent', async () => {
    const seen: number[] = [];
    await using peer = await startPeer({
      onParts: (parts, reply) => {
        seen.push(...parts.map((part) => part.id));
        reply(parts.map(echo));
      },
    });
    await using client = await connect(peer);
    await expect(client.infer(matrix(1), within(-1))).rejects.toThrow(code('DEADLINE_EXCEEDED'));
    await client.infer(matrix(2), within(1000));
    expect(seen).toEqual([1]);
  });

  test('an abandoned part is let go when the server has read its cancel', async () => {
    await using peer = await startPeer({
      onParts: (parts, reply) => reply(parts.filter((part) => part.id !== 1).map(echo)),
    });
    const counters = newCounters();
    await using client = await connect(peer, { counters });
    const aborting = new AbortController();
    const call = client.infer(matrix(1), { ...within(5000), signal: aborting.signal });
    await client.infer(matrix(2), within(1000));
    aborting.abort();
    await expect(call).rejects.toThrow(code('CANCELLED'));
    expect(counters.partsInFlight).toBe(1);
    await client.infer(matrix(3), within(1000));
    expect(counters).toMatchObject({ partsInFlight: 0, bytesInFlight: 0 });
  });

  test('an abort before the call leaves is CANCELLED and nothing is sent', async () => {
    let messages = 0;
    await using peer = await startPeer({ onParts: () => messages++ });
    const counters = newCounters();
    await using client = await connect(peer, { counters });
    const aborting = new AbortController();
    const call = client.infer(matrix(1), { ...within(1000), signal: aborting.signal });
    aborting.abort();
    await expect(call).rejects.toThrow(code('CANCELLED'));
    await expect(client.infer(matrix(1), { ...within(1000), signal: aborting.signal })).rejects.toThrow(
      code('CANCELLED'),
    );
    expect([messages, counters.partsSent, counters.partsInFlight]).toEqual([0, 0, 0]);
  });
});

describe('bounds', () => {
  test('one call more than may be in flight is OVERLOADED at once, also when the others were given up', async () => {
    await using peer = await startPeer({});
    await using client = await connect(peer, { maxPartsInFlight: 2 });
    const calls = [1, 2].map((value) => client.infer(matrix(value), within(30)));
    await expect(client.infer(matrix(3), within(1000))).rejects.toThrow(code('OVERLOADED'));
    for (const result of await Promise.allSettled(calls)) expect(result).toMatchObject({ status: 'rejected' });
    await expect(client.infer(matrix(4), within(1000))).rejects.toThrow(code('OVERLOADED'));
  });

  test('bytes in flight are bounded', async () => {
    await using peer = await startPeer({});
    await using client = await connect(peer, { maxBytesInFlight: 1000 });
    await expect(client.infer(zeros(100), within(1000, 100))).rejects.toThrow(code('OVERLOADED'));
  });

  test('a call that no message can hold is PAYLOAD_TOO_LARGE, and one that just fits is answered', async () => {
    await using peer = await startPeer({
      isAtomic: true,
      onParts: (parts, reply) => reply(parts.map((part) => ({ id: part.id, rows: part.rows, status: 0, outputs: [] }))),
    });
    await using client = await connect(peer);
    const rows = (16 * 1024 ** 2 - 65 * 1024) / 16;
    await client.infer(zeros(rows), within(10_000, rows));
    const tooMany = rows + 1024;
    await expect(client.infer(zeros(tooMany), within(10_000, tooMany))).rejects.toThrow(code('PAYLOAD_TOO_LARGE'));
  });

  test('a large call goes in pieces, two at a time, and the first that fails ends it', async () => {
    let asked = 0;
    await using peer = await startPeer({
      onParts: (parts, reply) => {
        asked += parts.length;
        reply(
          parts.map((part) =>
            part.tensors[0].raw.byteLength > 255_000 ? { ...echo(part), status: 13, outputs: [], rows: 0 } : echo(part),
          ),
        );
      },
    });
    await using client = await connect(peer);
    const firsts = Array.from({ length: 50_000 }, (_, row) => row);
    const { outputs } = await client.infer(matrix(...firsts), within(10_000, 50_000));
    expect(outputs).toEqual([{ name: 'y', shape: [50_000], data: Float64Array.from(firsts) }]);
    expect(asked).toBe(4);
    await expect(client.infer(zeros(160_000), within(10_000, 160_000))).rejects.toThrow(code('PREDICTOR_FAILED'));
    expect(asked).toBe(6);
  });

  test('tensors that are not the rows of their call are INVALID_INPUT', async () => {
    await using peer = await startPeer({});
    await using client = await connect(peer);
    const narrow = [{ ...matrix(1)[0], datatype: 'FP32' as const }];
    await expect(client.infer(matrix(1, 2), within(1000, 3))).rejects.toThrow(code('INVALID_INPUT'));
    await expect(client.infer(narrow, within(1000))).rejects.toThrow(code('INVALID_INPUT'));
  });
});

describe('a connection that breaks', () => {
  test('fails what is in flight, refuses at once, and is back when the server is', async () => {
    const events = new EventEmitter();
    let answering = false;
    await using peer = await startPeer({
      onParts: (parts, reply) => (answering ? reply(parts.map(echo)) : events.emit('parts')),
    });
    const counters = newCounters();
    await using client = await connect(peer, { counters });
    const seen = once(events, 'parts');
    const call = client.infer(matrix(1), within(10_000));
    await seen;
    peer.kill();
    await expect(call).rejects.toThrow(code('WRAPPER_UNAVAILABLE'));
    await becomes(client, false);
    await expect(client.infer(matrix(1), within(1000))).rejects.toThrow(code('WRAPPER_UNAVAILABLE'));
    expect(counters).toMatchObject({ partsInFlight: 0, bytesInFlight: 0 });
    answering = true;
    await peer.start();
    const start = performance.now();
    await becomes(client, true);
    expect(performance.now() - start).toBeLessThan(1000);
    expect((await client.infer(matrix(5), within(1000))).outputs[0].data).toEqual(Float64Array.of(5));
    expect(counters.connections).toBe(2);
  });

  test('garbage from the server answers nobody and ends the connection', async () => {
    const ordinary = encodeStreamResponse({
      infer_response: { model_name: 'm', outputs: [], raw_output_contents: [] },
    });
    for (const garbage of [Buffer.of(0xff, 0xff), Buffer.from('0a0162', 'hex'), ordinary]) {
      await using peer = await startPeer({ garbage });
      await using client = await connect(peer);
      await expect(client.infer(matrix(1), within(10_000))).rejects.toThrow(code('WRAPPER_UNAVAILABLE'));
    }
  });

  test('follows the readiness of the model', async () => {
    await using peer = await startPeer({});
    await using client = await connect(peer);
    peer.isModelReady = false;
    await becomes(client, false);
    await expect(client.infer(matrix(1), within(1000))).rejects.toThrow(code('WRAPPER_UNAVAILABLE'));
    peer.isModelReady = true;
    await becomes(client, true);
  });

  test('tells once why the model is not there, and close ends the attempts', async () => {
    await using peer = await startPeer({});
    const problems: unknown[] = [];
    const client = await connect(peer, { onProblem: (problem) => problems.push(problem.code) });
    peer.kill();
    await becomes(client, false);
    await peer.start();
    await becomes(client, true);
    await client.close();
    expect(client.ready).toBe(false);
    expect(problems[0]).toBe('WRAPPER_UNAVAILABLE');
    expect(problems.length).toBeLessThanOrEqual(2);
  });

  test('a client of a server that never comes can be closed', async () => {
    await using place = await socketFolder();
    const problem = Promise.withResolvers<unknown>();
    const address = `unix:${place.folder}/none.sock`;
    const client = openModelClient({ address, model: 'm', features: [], onProblem: problem.resolve });
    expect(await problem.promise).toMatchObject({ code: 'WRAPPER_UNAVAILABLE' });
    await expect(client.infer(matrix(1), within(1000))).rejects.toThrow(code('WRAPPER_UNAVAILABLE'));
    await client.close();
  });
});

describe('a server without the stream', () => {
  test('gets each call as a ModelInfer and is not told to load', async () => {
    await using peer = await startPeer({
      isStreaming: false,
      onInfer: ({ inputs, raw_input_contents: raws, parameters }, reply) => {
        expect(parameters?.['limit']?.int64_param).toBe('3');
        reply(null, {
          model_name: 'm',
          model_version: '9',
          outputs: inputs.map(({ datatype, shape }) => ({ name: 'same', datatype, shape })),
          raw_output_contents: raws,
        });
      },
    });
    await using client = await connect(peer);
    const result = await client.infer(matrix(4), { ...within(1000), parameters: '{"limit":3}' });
    expect(result).toEqual({
      outputs: [{ name: 'same', shape: [1, 2], data: Float64Array.of(4, 0) }],
      modelVersion: '9',
    });
    expect(peer.loaded).toEqual([]);
  });

  test('may answer with typed contents', async () => {
    const contents = { fp32_contents: [0.25] };
    await using peer = await startPeer({
      isStreaming: false,
      onInfer: (_, reply) =>
        reply(null, {
          model_name: 'm',
          outputs: [{ name: 'y', datatype: 'FP32', shape: [1], contents }],
          raw_output_contents: [],
        }),
    });
    await using client = await connect(peer);
    expect((await client.infer(matrix(1), within(1000))).outputs[0].data).toEqual(Float64Array.of(0.25));
  });

  test('its statuses become our codes and its words stay with us', async () => {
    const expected = [
      [status.INVALID_ARGUMENT, 'PREDICTOR_FAILED'],
      [status.INTERNAL, 'PREDICTOR_FAILED'],
      [status.RESOURCE_EXHAUSTED, 'OVERLOADED'],
      [status.NOT_FOUND, 'WRAPPER_UNAVAILABLE'],
    ] as const;
    let next = 0;
    await using peer = await startPeer({
      isStreaming: false,
      onInfer: (_, reply) => reply({ code: expected[next++][0], details: '/secret/path.py line 3' }),
    });
    await using client = await connect(peer);
    for (const [, name] of expected) {
      const error = await client.infer(matrix(1), within(1000)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: name });
      expect((error as Error).message).not.toContain('secret');
    }
  });

  test('keeps deadline, cancel and bounds', async () => {
    await using peer = await startPeer({ isStreaming: false, onInfer: () => {} });
    const counters = newCounters();
    await using client = await connect(peer, { counters, maxPartsInFlight: 1 });
    const start = performance.now();
    const call = client.infer(matrix(1), within(50));
    await expect(client.infer(matrix(2), within(50))).rejects.toThrow(code('OVERLOADED'));
    await expect(call).rejects.toThrow(code('DEADLINE_EXCEEDED'));
    expect(performance.now() - start).toBeLessThan(200);
    const aborting = new AbortController();
    const cancelled = client.infer(matrix(1), { ...within(5000), signal: aborting.signal });
    aborting.abort();
    await expect(cancelled).rejects.toThrow(code('CANCELLED'));
    expect(counters.partsInFlight).toBe(0);
  });

  test('a killed server fails its calls and is reached again', async () => {
    const events = new EventEmitter();
    await using peer = await startPeer({ isStreaming: false, onInfer: () => events.emit('call') });
    await using client = await connect(peer);
    const seen = once(events, 'call');
    const call = client.infer(matrix(1), within(10_000));
    await seen;
    peer.kill();
    await expect(call).rejects.toThrow(code('WRAPPER_UNAVAILABLE'));
    await becomes(client, false);
    await peer.start();
    await becomes(client, true);
  });
});
