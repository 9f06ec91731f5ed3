import { EventEmitter, once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { newCounters } from '../../../orchestrator/model/counters.ts';
import { code, connect, matrix, within, zeros } from './client-calls.ts';
import { echo, startPeer, type Carrier, type PeerBehaviour } from './peer.ts';

/** Deadlines, cancels and bounds of a client of our wrapper, however its streams travel. */
export function describeLimits(carrier: Carrier): void {
  const peerOf = (behaviour: PeerBehaviour) => startPeer({ carrier, ...behaviour });

  describe(`deadlines and cancelling, by ${carrier}`, () => {
    test('a caller is answered at its deadline, the part is cancelled, and its late answer is dropped', async () => {
      const events = new EventEmitter();
      const replies: (() => void)[] = [];
      await using peer = await peerOf({
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
      await using peer = await peerOf({});
      await using client = await connect(peer);
      const order: string[] = [];
      const call = (ms: number) => client.infer(matrix(1), within(ms)).catch(() => order.push(String(ms)));
      await Promise.all([call(90), call(30), call(60)]);
      expect(order).toEqual(['30', '60', '90']);
    });

    test('a call whose deadline has passed is not sent', async () => {
      const seen: number[] = [];
      await using peer = await peerOf({
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
      await using peer = await peerOf({
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
      await using peer = await peerOf({ onParts: () => messages++ });
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

  describe(`bounds, by ${carrier}`, () => {
    test('one call more than may be in flight is OVERLOADED at once, also when the others were given up', async () => {
      await using peer = await peerOf({});
      await using client = await connect(peer, { maxPartsInFlight: 2 });
      const calls = [1, 2].map((value) => client.infer(matrix(value), within(30)));
      await expect(client.infer(matrix(3), within(1000))).rejects.toThrow(code('OVERLOADED'));
      for (const result of await Promise.allSettled(calls)) expect(result).toMatchObject({ status: 'rejected' });
      await expect(client.infer(matrix(4), within(1000))).rejects.toThrow(code('OVERLOADED'));
    });

    test('bytes in flight are bounded', async () => {
      await using peer = await peerOf({});
      await using client = await connect(peer, { maxBytesInFlight: 1000 });
      await expect(client.infer(zeros(100), within(1000, 100))).rejects.toThrow(code('OVERLOADED'));
    });

    test('a call that no message can hold is PAYLOAD_TOO_LARGE, and one that just fits is answered', async () => {
      await using peer = await peerOf({
        isAtomic: true,
        onParts: (parts, reply) =>
          reply(parts.map((part) => ({ id: part.id, rows: part.rows, status: 0, outputs: [] }))),
      });
      await using client = await connect(peer);
      const rows = (16 * 1024 ** 2 - 65 * 1024) / 16;
      await client.infer(zeros(rows), within(10_000, rows));
      const tooMany = rows + 1024;
      await expect(client.infer(zeros(tooMany), within(10_000, tooMany))).rejects.toThrow(code('PAYLOAD_TOO_LARGE'));
    });

    test('a large call goes in pieces, two at a time, and the first that fails ends it', async () => {
      let asked = 0;
      await using peer = await peerOf({
        onParts: (parts, reply) => {
          asked += parts.length;
          reply(
            parts.map((part) =>
              part.tensors[0].raw.byteLength > 255_000
                ? { ...echo(part), status: 13, outputs: [], rows: 0 }
                : echo(part),
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
      await using peer = await peerOf({});
      await using client = await connect(peer);
      const narrow = [{ ...matrix(1)[0], datatype: 'FP32' as const }];
      await expect(client.infer(matrix(1, 2), within(1000, 3))).rejects.toThrow(code('INVALID_INPUT'));
      await expect(client.infer(narrow, within(1000))).rejects.toThrow(code('INVALID_INPUT'));
    });
  });
}
