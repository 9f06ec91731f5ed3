import { parseArgs } from 'node:util';
import { credentials, makeGenericClientConstructor, type ClientDuplexStream } from '@grpc/grpc-js';
import { open } from 'lmdb';
import type { Body } from '../linear/data.ts';
import { FEATURES } from '../linear/model.ts';
import { listen, type Reply } from './http.ts';
import { bytesOf, doublesOf } from './open-inference.ts';
import { tickStream } from './tick-stream.ts';

/**
 * The yardstick of CPU a request: the idea of Tandem with nothing round it. All requests that arrive in one turn of the
 * event loop travel in one message; their rows are written where they are sent from. No validation, deadlines, bounds,
 * errors, statuses or metrics.
 */
const { values: options } = parseArgs({ options: { store: { type: 'string' }, model: { type: 'string' } } });

interface ItemRow {
  f0: number;
  f1: number;
  f2: number;
  f3: number;
  f4: number;
  f5: number;
  f6: number;
  f7: number;
  f8: number;
  f9: number;
}
interface Waiting {
  body: Body;
  reply: Reply;
}

const store = open<string, string>({ path: options.store!, encoding: 'string', readOnly: true });
const Client = makeGenericClientConstructor(tickStream, 'bench.Trial');
const client = new Client(`unix:${options.model}`, credentials.createInsecure());
const stream = client['Score']() as ClientDuplexStream<Buffer, Buffer>;

let tick: Waiting[] = [];
/** The ticks that were sent and not answered, oldest first: the stream answers in their order. */
const sent: Waiting[][] = [];

listen((text, reply) => {
  if (tick.push({ body: JSON.parse(text) as Body, reply }) === 1) setImmediate(sendTick);
});

function sendTick(): void {
  const parts = tick;
  tick = [];
  let rows = 0;
  for (const { body } of parts) rows += body.instances.length;
  const words = new Float64Array(1 + parts.length + rows * FEATURES);
  words[0] = parts.length;
  let at = 1;
  for (const { body } of parts) words[at++] = body.instances.length;
  for (const { body } of parts) at = writeRows(words, at, body);
  sent.push(parts);
  stream.write(bytesOf(words));
}

function writeRows(words: Float64Array, start: number, { instances, request }: Body): number {
  const { load } = JSON.parse(store.get(`bench:context:${request.city}`)!) as { load: number };
  let at = start;
  for (const { id } of instances) {
    const row = JSON.parse(store.get(`bench:item:${id}`)!) as ItemRow;
    // Ten properties by name: V8 gives every row of a parse the same hidden class, and a loop over names is slower.
    words[at] = row.f0;
    words[at + 1] = row.f1;
    words[at + 2] = row.f2;
    words[at + 3] = row.f3;
    words[at + 4] = row.f4;
    words[at + 5] = row.f5;
    words[at + 6] = row.f6;
    words[at + 7] = row.f7;
    words[at + 8] = row.f8;
    words[at + 9] = row.f9;
    words[at + 10] = load;
    at += FEATURES;
  }
  return at;
}

stream.on('data', (message: Buffer) => {
  const scores = doublesOf(message);
  let first = 0;
  for (const { body, reply } of sent.shift()!) {
    const end = first + body.instances.length;
    reply(200, `{"predictions":[${scores.subarray(first, end).join(',')}]}`);
    first = end;
  }
});
