import { describe, expect, test } from 'vitest';
import type { Part, PartAnswer } from '../../../proto/parts.ts';
import { encodeTensor } from '../../../proto/tensors.ts';
import { code, connect, matrix, within, zeros } from './client-calls.ts';
import { echo, startPeer, type Carrier, type PeerBehaviour } from './peer.ts';

/** Answers as `echo` does, and tells of how many parts each message was. */
const echoing =
  (sizes: number[]): PeerBehaviour['onParts'] =>
  (parts, reply) => {
    sizes.push(parts.length);
    reply(parts.map(echo));
  };

/** What a client of our wrapper does, however its streams travel. */
export function describeStreamClient(carrier: Carrier): void {
  const peerOf = (behaviour: PeerBehaviour) => startPeer({ carrier, ...behaviour });

  describe(`a client of our wrapper, by ${carrier}`, () => {
    test('loads the model with its features, and knows its signature and version', async () => {
      await using peer = await peerOf({});
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
      await using peer = await peerOf({ onParts: (parts, reply) => reply(parts.map(echo)) });
      await using client = await connect(peer);
      const result = await client.infer(matrix(7, 8), within(1000, 2));
      expect(result).toEqual({ outputs: [{ name: 'y', shape: [2], data: Float64Array.of(7, 8) }], modelVersion: '3' });
    });

    test('sends the calls of one turn in one message', async () => {
      const sizes: number[] = [];
      await using peer = await peerOf({ onParts: echoing(sizes) });
      await using client = await connect(peer);
      await Promise.all([1, 2, 3].map((value) => client.infer(matrix(value), within(1000))));
      expect(sizes).toEqual([3]);
    });

    test('sends calls with other tensors in messages of their own', async () => {
      const sizes: number[] = [];
      await using peer = await peerOf({ onParts: echoing(sizes) });
      await using client = await connect(peer);
      const other = [{ ...matrix(3)[0], name: 'others' }];
      await Promise.all([matrix(1), matrix(2), other].map((tensors) => client.infer(tensors, within(1000))));
      expect(sizes).toEqual([2, 1]);
    });

    test('splits what is ready at a megabyte', async () => {
      const sizes: number[] = [];
      await using peer = await peerOf({
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
      await using peer = await peerOf({
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
      await using peer = await peerOf({
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
      await using peer = await peerOf({ onParts: (parts, reply) => reply(parts.map(answer)) });
      await using client = await connect(peer);
      await expect(client.infer(matrix(1), within(1000))).rejects.toThrow(code('PREDICTOR_INVALID_OUTPUT'));
    });

    test('outputs of every type come as doubles or strings', async () => {
      const outputs = [
        { name: 'i', datatype: 'INT64', shape: [1], raw: encodeTensor(BigInt64Array.of(-5n)) },
        { name: 'f', datatype: 'FP32', shape: [1, 2], raw: encodeTensor(Float32Array.of(0.5, 2)) },
        { name: 's', datatype: 'BYTES', shape: [1], raw: encodeTensor(['é']) },
      ];
      await using peer = await peerOf({
        onParts: (parts, reply) => reply(parts.map((part) => ({ id: part.id, rows: 1, status: 0, outputs }))),
      });
      await using client = await connect(peer);
      const result = await client.infer(matrix(1), within(1000));
      expect(result.outputs.map(({ data }) => data)).toEqual([Float64Array.of(-5), Float64Array.of(0.5, 2), ['é']]);
    });

    test('parameters and trace reach the server with their own part', async () => {
      const seen: (string | undefined)[][] = [];
      await using peer = await peerOf({
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
}
