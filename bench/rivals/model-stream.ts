import { parseArgs } from 'node:util';
import { Server, ServerCredentials, type handleBidiStreamingCall } from '@grpc/grpc-js';
import { scoreRows } from '../linear/model.ts';
import { bytesOf, doublesOf } from './open-inference.ts';
import { tickStream } from './tick-stream.ts';

/** The trial's model process: one message a tick, the model called once a part as Tandem's wrapper does. */
const { values: options } = parseArgs({ options: { socket: { type: 'string' } } });

const Score: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
  call.on('data', (message: Buffer) => {
    const words = doublesOf(message);
    const parts = words[0];
    const matrix = words.subarray(1 + parts);
    let rows = 0;
    for (let part = 1; part <= parts; part++) rows += words[part];
    const scores = new Float64Array(rows);
    for (let part = 1, first = 0; part <= parts; first += words[part++]) scoreRows(matrix, words[part], scores, first);
    call.write(bytesOf(scores));
  });
  call.on('end', () => call.end());
};

const server = new Server();
server.addService(tickStream, { Score });
server.bindAsync(`unix:${options.socket}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
  console.log(JSON.stringify({ event: 'listening' }));
});
process.once('SIGTERM', () => process.exit(0));
