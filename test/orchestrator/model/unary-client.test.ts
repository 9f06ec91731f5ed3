import { EventEmitter, once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { newCounters } from '../../../orchestrator/model/counters.ts';
import { becomes, code, connect, matrix, within } from './client-calls.ts';
import { startPeer } from './peer.ts';

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
