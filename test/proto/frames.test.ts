import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameStream } from '../../proto/frames.ts';

const MAX_MESSAGE_BYTES = 1000;

/** Lengths of messages and of what they are cut into on their way. */
const lengths = fc.array(fc.integer({ min: 0, max: MAX_MESSAGE_BYTES }), { maxLength: 20 });
const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });

test('messages come whole and in order, wherever they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(lengths, cuts, async (sizes, pieces) => {
      const sent = sizes.map((size, at) => Buffer.alloc(size, at + 1));
      const bytes = Buffer.concat(sent.flatMap((message) => [lengthOf(message.length), message]));
      const [near, far] = duplexPair();
      const received: Buffer[] = [];
      const stream = new FrameStream(far, MAX_MESSAGE_BYTES);
      stream.on('data', (message) => received.push(message));
      const ended = once(stream, 'end');
      for (let at = 0, piece = 0; at < bytes.length; piece++) {
        const stop = at + pieces[piece % pieces.length];
        // Each in a buffer of its own, as a socket reads them: whose memory is given back.
        near.write(Buffer.from(Uint8Array.from(bytes.subarray(at, stop)).buffer));
        at = stop;
      }
      near.end();
      await ended;
      expect(received).toEqual(sent);
    }),
  );
});

test('what one writes the other reads, both ways, and each end is told', async () => {
  const [near, far] = duplexPair().map((side) => new FrameStream(side, MAX_MESSAGE_BYTES));
  far.on('data', (message) => far.write(Buffer.concat([message, message])));
  far.on('end', () => far.end());
  const answers: string[] = [];
  near.on('data', (message) => answers.push(String(message)));
  for (const text of ['a', '', 'bc']) near.write(Buffer.from(text));
  near.end();
  await once(near, 'close');
  expect(answers).toEqual(['aa', '', 'bcbc']);
});

test('a frame of more than a message may have is an error, and nothing after it is read', async () => {
  const [near, far] = duplexPair();
  const stream = new FrameStream(far, MAX_MESSAGE_BYTES);
  const received: Buffer[] = [];
  stream.on('data', (message) => received.push(message));
  const failed = new Promise((resolve) => stream.on('error', resolve));
  const ended = new Promise<void>((resolve) => stream.on('end', resolve));
  near.write(Buffer.concat([lengthOf(1), Buffer.of(7), lengthOf(1001), lengthOf(1), Buffer.of(8)]));
  near.end(Buffer.of(1, 0, 0, 0, 9));
  expect(await failed).toMatchObject({ message: 'A frame of 1001 bytes is more than the 1000 of a message.' });
  await ended;
  expect(received).toEqual([Buffer.of(7)]);
});

test('a writer is told to wait, and when it may go on', async () => {
  const [near, far] = duplexPair();
  const writer = new FrameStream(near, MAX_MESSAGE_BYTES);
  let written = 0;
  while (writer.write(Buffer.alloc(MAX_MESSAGE_BYTES, 1))) written++;
  const drained = once(writer, 'drain');
  let read = 0;
  new FrameStream(far, MAX_MESSAGE_BYTES).on('data', () => read++);
  await drained;
  expect([written > 0, read]).toEqual([true, written + 1]);
});

function lengthOf(bytes: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(bytes);
  return head;
}
