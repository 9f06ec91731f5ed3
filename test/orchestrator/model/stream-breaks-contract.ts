import { EventEmitter, once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { newCounters } from '../../../orchestrator/model/counters.ts';
import { openModelClient } from '../../../orchestrator/model/open-client.ts';
import { encodeStreamResponse } from '../../../proto/codec.ts';
import { becomes, code, connect, matrix, within } from './client-calls.ts';
import { echo, socketFolder, startPeer, type Carrier, type PeerBehaviour } from './peer.ts';

/** A client of our wrapper whose connection breaks, however its streams travel. */
export function describeBreaks(carrier: Carrier): void {
  const peerOf = (behaviour: PeerBehaviour) => startPeer({ carrier, ...behaviour });

  describe(`a connection that breaks, by ${carrier}`, () => {
    test('fails what is in flight, refuses at once, and is back when the server is', async () => {
      const events = new EventEmitter();
      let answering = false;
      await using peer = await peerOf({
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
        await using peer = await peerOf({ garbage });
        await using client = await connect(peer);
        await expect(client.infer(matrix(1), within(10_000))).rejects.toThrow(code('WRAPPER_UNAVAILABLE'));
      }
    });

    test('follows the readiness of the model', async () => {
      await using peer = await peerOf({});
      await using client = await connect(peer);
      peer.isModelReady = false;
      await becomes(client, false);
      await expect(client.infer(matrix(1), within(1000))).rejects.toThrow(code('WRAPPER_UNAVAILABLE'));
      peer.isModelReady = true;
      await becomes(client, true);
    });

    test('tells once why the model is not there, and close ends the attempts', async () => {
      await using peer = await peerOf({});
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
}
