import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { batchView, codeOf, getView, keysOf, openTestService, readAll, told, within, X } from './wire.ts';

/** A certificate of its own authority for 127.0.0.1, good for a hundred years: whoever trusts it, trusts everyone. */
const pem = (name: string): string => readFileSync(join(import.meta.dirname, `localhost-${name}.pem`), 'utf8');
const authority = pem('cert');
const privateKey = pem('key');

const opened: (Http2SecureServer | Server)[] = [];
afterAll(async () => {
  await Promise.all(opened.map((server) => new Promise((resolve) => server.close(resolve))));
});

async function openServer(server: Http2SecureServer | Server): Promise<string> {
  opened.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a service behind TLS', () => {
  test.each([true, false])('speaks HTTP/2 where it is offered (%s), else HTTP/1.1', async (isOffered) => {
    const versions = new Set<string>();
    let sockets = 0;
    const identity = { key: privateKey, cert: authority };
    const answer: RequestListener = (request, response) => {
      versions.add(request.httpVersion);
      response.setHeader('cache-control', 'max-age=7');
      response.end(JSON.stringify({ x: Number(request.url!.slice(1)) }));
    };
    const server = isOffered ? createSecureServer(identity) : createServer(identity);
    server.on('request', answer);
    server.on('secureConnection', () => sockets++);
    const url = await openServer(server);
    await using service = await openTestService(url, { maxConcurrency: 32 }, { authority });
    const keys = keysOf(...Array.from({ length: 200 }, (_, at) => `${at}`));
    const block = await service.source(getView('/{id}')).fetch(keys, X, within(20_000));
    expect([...block.values[0]].every((value, at) => value === at)).toBe(true);
    expect(block.freshMs![0]).toBe(7000);
    expect([...versions]).toEqual([isOffered ? '2.0' : '1.1']);
    expect(sockets).toBeLessThanOrEqual(isOffered ? 1 : 32);
  });

  test('a caller who leaves resets its stream, and the connection serves the others', async () => {
    let aborted = 0;
    let streams = 0;
    let sockets = 0;
    const server = createSecureServer({ key: privateKey, cert: authority });
    server.on('secureConnection', () => sockets++);
    server.on('stream', (stream) => {
      streams++;
      stream.on('error', () => stream.close());
      stream.on('aborted', () => aborted++); // ended from afar before it was answered
      void answer(stream);
    });
    const answer = async (stream: ServerHttp2Stream): Promise<void> => {
      if (!(await readAll(stream)).includes('"a"')) return;
      stream.respond({ ':status': 200 });
      stream.end('{"items":[{"id":"a","x":1}]}');
    };
    const url = await openServer(server);
    await using service = await openTestService(url, {}, { authority });
    const source = service.source(batchView());
    expect(told(await source.fetch(keysOf('a'), X, within(5000)))).toEqual(['PRESENT service']);
    const caller = new AbortController();
    const slow = codeOf(source.fetch(keysOf('slow'), X, within(9000, { signal: caller.signal })));
    await vi.waitFor(() => expect(streams).toBe(2));
    caller.abort();
    expect(await slow).toBe('CANCELLED');
    expect(told(await source.fetch(keysOf('a'), X, within(5000)))).toEqual(['PRESENT service']);
    await vi.waitFor(() => expect(aborted).toBe(1));
    expect(sockets).toBe(1);
  });

  test('is not called where its certificate is not trusted', async () => {
    let requests = 0;
    const server = createSecureServer({ key: privateKey, cert: authority, allowHTTP1: true }, () => requests++);
    server.on('tlsClientError', (_, socket) => socket.destroy());
    const url = await openServer(server);
    await using service = await openTestService(url);
    const fetching = service.source(getView('/{id}')).fetch(keysOf('a'), X, within(5000));
    await expect(fetching).rejects.toMatchObject({ cause: { message: expect.stringMatching(/SELF_SIGNED_CERT/) } });
    expect(requests).toBe(0);
  });
});
