import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Reply = (status: number, json: string) => void;

/** node:http as all rivals stand on it: a JSON text in, a JSON text out, on a free port that is printed. */
export function listen(handle: (body: string, reply: Reply, path: string) => void): void {
  const server = createServer((request, response) => {
    const reply: Reply = (status, json) => {
      // A string leaves in one write with the head; a Buffer would be a second one.
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
      response.writeHead(status, headers).end(json);
    };
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        handle((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString(), reply, request.url ?? '/');
      } catch (error) {
        reply(500, JSON.stringify({ error: String(error) }));
      }
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ event: 'listening', http: `127.0.0.1:${port}` }));
  });
  process.once('SIGTERM', () => process.exit(0));
}
