import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { framesPath, socketsOf } from '../../foundation/socket-path.ts';
import { decodeStreamResponse, encodeInferRequest } from '../../proto/codec.ts';
import { FrameStream } from '../../proto/frames.ts';
import { mergeParts, readAnswers } from '../../proto/parts.ts';
import { connectTo, MAX_MESSAGE_BYTES, numbersOf, part } from './wire-client.ts';
import type { Project, Wrap } from './wrap-process.ts';

/** What every wrapper of ours does with frames that come wrong or late; the predictor is that of wrapper-contract.ts. */
export function describeFrames(language: string, open: () => Promise<Project>): void {
  describe(`frames to a wrapper in ${language}`, () => {
    let project: Project;
    let wrap: Wrap;
    let address: string;
    beforeAll(async () => {
      project = await open();
      wrap = project.wrap();
      ({ address } = await wrap.loaded());
    });
    afterAll(() => project.close());

    const openSocket = () => connect(framesPath(address)!);

    /** The sum of 3 and 4, on a stream of its own. */
    async function another(): Promise<number[]> {
      const client = connectTo(address, 'frames');
      const stream = client.stream();
      stream.sendParts([part(1, [3, 4])]);
      const answers = await stream.answers([1]);
      await stream.end();
      client.close();
      return numbersOf(answers.get(1)!.outputs[0].raw);
    }

    /** What a stream is told before it is hung up on. */
    async function toldBefore(hangUp: FrameStream): Promise<string[]> {
      const told: string[] = [];
      hangUp.on('data', (message) => told.push(decodeStreamResponse(message).error_message ?? ''));
      await once(hangUp, 'end');
      return told;
    }

    test('one that is longer than a message may be ends its stream, which is told, and no other', async () => {
      const socket = openSocket();
      const head = Buffer.alloc(8);
      head.writeUInt32LE(MAX_MESSAGE_BYTES + 1, 4);
      socket.write(head);
      expect(await toldBefore(new FrameStream(socket, MAX_MESSAGE_BYTES))).toEqual([
        'A frame of 16777217 bytes is more than the 16777216 of a message.',
      ]);
      expect(await another()).toEqual([7]);
    });

    test('so is one whose length comes in two pieces', async () => {
      const socket = openSocket();
      const frames = new FrameStream(socket, MAX_MESSAGE_BYTES);
      frames.write(Buffer.alloc(0));
      frames.write(encodeInferRequest(mergeParts('m', '', [part(1, [1, 2])])));
      await once(frames, 'data');
      socket.write(Buffer.of(1, 0, 0));
      expect(await another()).toEqual([7]);
      socket.write(Buffer.of(1));
      expect(await toldBefore(frames)).toEqual(['A frame of 16777217 bytes is more than the 16777216 of a message.']);
    });

    test('a stream for a load that is not there is told so, and ends', async () => {
      const stream = new FrameStream(openSocket(), MAX_MESSAGE_BYTES);
      stream.write(Buffer.from('0123456789abcdef'));
      stream.write(encodeInferRequest(mergeParts('m', '', [part(1, [1, 2])])));
      expect(await toldBefore(stream)).toEqual(['The model is not loaded for these features.']);
      expect(await another()).toEqual([7]);
    });

    test('a caller that says nothing, or half a message, and goes, takes nothing with it', async () => {
      for (const said of [Buffer.alloc(0), Buffer.of(1, 0), Buffer.of(0, 0, 0, 0, 9, 0, 0, 0, 1)]) {
        const socket = openSocket();
        socket.end(said);
        socket.resume();
        await once(socket, 'close');
      }
      expect(await another()).toEqual([7]);
    });

    test('a caller that reads late gets every answer', async () => {
      const stream = new FrameStream(openSocket(), MAX_MESSAGE_BYTES);
      stream.pause();
      stream.write(Buffer.alloc(0));
      const rows = 50_000;
      const values = Array.from({ length: rows * 2 }, (_, at) => Math.floor(at / 2));
      const ids = Array.from({ length: 40 }, (_, at) => at + 1);
      for (const id of ids) {
        const asked = id % 2 === 0 ? part(id, [id, 1]) : part(id, values, { do: 'first' });
        stream.write(encodeInferRequest(mergeParts('m', '', [asked])));
      }
      // A stream of its own is not held up; when it is answered the other's answers fill its socket.
      expect(await another()).toEqual([7]);
      const answered = new Map<number, number[]>();
      stream.on('data', (message) => {
        for (const answer of readAnswers(decodeStreamResponse(message).infer_response!)!) {
          answered.set(answer.id, numbersOf(answer.outputs[0].raw));
        }
        if (answered.size === ids.length) stream.end();
      });
      stream.resume();
      await once(stream, 'close');
      const firsts = Array.from({ length: rows }, (_, row) => row);
      for (const id of ids) expect(answered.get(id)).toEqual(id % 2 === 0 ? [id + 1] : firsts);
    });

    test('SIGTERM answers what is in flight, hangs up, and leaves no socket', async () => {
      const client = connectTo(address, 'frames');
      const stream = client.stream();
      stream.sendParts([part(1, [1, 2], { do: 'block' }), part(2, [3, 4])]);
      wrap.kill('SIGTERM');
      expect((await stream.answers([1, 2])).size).toBe(2);
      expect(await stream.end()).toBe(0);
      expect(await wrap.exited).toEqual({ code: 0, signal: null });
      expect(socketsOf(address).filter((path) => existsSync(path))).toEqual([]);
      client.close();
    });
  });
}
