import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../../foundation/errors.ts';
import { MAX_BODY_BYTES } from '../../../../orchestrator/features/service/body.ts';
import type { Service } from '../../../../orchestrator/features/service/open-service.ts';
import { getView, keysOf, openTestService, sendJson, TestServer, told, within, X } from './wire.ts';

/** What a fetch of one key rejects with, as the log tells it. */
async function failureOf(service: Service, ms = 5000): Promise<string> {
  const fetching = service.source(getView('/{id}')).fetch(keysOf('a'), X, within(ms));
  const error = await Promise.resolve(fetching).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error('the fetch did not fail');
  expect(error.message).not.toMatch(/127\.0\.0\.1|:\d{4}/);
  return `${error.code} ${(error.cause as Error).message}`;
}

describe('an answer that is none', () => {
  const bad: [string, (response: ServerResponse) => void, string][] = [
    ['HTML', (to) => to.end('<html>'), 'unreadable: the body is not JSON'],
    ['nothing', (to) => to.writeHead(204).end(), 'unreadable: the body is not JSON'],
    ['half a JSON', (to) => to.end('{"x":1'), 'unreadable: the body is not JSON'],
    ['bytes that are no UTF-8', (to) => to.end(Buffer.from([0x22, 0xff, 0x22])), 'unreadable: the body is not JSON'],
    [
      'gzip that is none',
      (to) => to.setHeader('content-encoding', 'gzip').end('{"x":1}'),
      'unreadable: the body cannot be unpacked',
    ],
    [
      'a packing that was not asked for',
      (to) => to.setHeader('content-encoding', 'gzip, gzip').end('{"x":1}'),
      'unreadable: the body is packed in a way that was not asked for',
    ],
    ['a redirect', (to) => to.writeHead(302, { location: '/b' }).end(), 'redirected: the service answered 302'],
    ['not modified', (to) => to.writeHead(304).end(), 'redirected: the service answered 304'],
  ];
  test.each(bad)('%s is an ERROR that says what it is, and is not asked for again', async (_, answer, reason) => {
    await using server = await TestServer.open((_seen, response) => answer(response));
    await using service = await openTestService(server.url, { retries: 3 });
    expect(await failureOf(service)).toBe(`FEATURE_UNAVAILABLE ${reason}`);
    expect(server.seen).toHaveLength(1);
  });

  test('no redirect is followed: neither to another host nor to the same', async () => {
    await using elsewhere = await TestServer.open((_, response) => sendJson(response, { x: 666 }));
    for (const status of [301, 302, 303, 307, 308]) {
      await using server = await TestServer.open((_, response) =>
        response.writeHead(status, { location: `${elsewhere.url}/a` }).end(),
      );
      await using service = await openTestService(server.url);
      expect(await failureOf(service)).toBe(`FEATURE_UNAVAILABLE redirected: the service answered ${status}`);
    }
    expect(elsewhere.seen).toEqual([]);
  });

  test('a body of 50 MB is cut off: at once where its length is told, else at the bound', async () => {
    for (const isTold of [true, false]) {
      let written = 0;
      await using server = await TestServer.open((_, response) => {
        if (isTold) response.setHeader('content-length', 50 * 2 ** 20);
        const piece = Buffer.alloc(2 ** 20, 32);
        const write = (): void => {
          while (written < 50 && !response.destroyed) {
            written++;
            if (!response.write(piece)) return void response.once('drain', write);
          }
        };
        write();
      });
      await using service = await openTestService(server.url);
      expect(await failureOf(service)).toBe(
        `FEATURE_UNAVAILABLE unreadable: the body has more than ${MAX_BODY_BYTES} bytes`,
      );
      await server.broken;
      expect(written).toBeLessThan(isTold ? 20 : 40);
    }
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('a bomb of %s ends at the bound, not in memory', async (encoding, pack) => {
    const bomb = pack(Buffer.alloc(100 * 2 ** 20));
    await using server = await TestServer.open((_, response) =>
      response.setHeader('content-encoding', encoding).end(bomb),
    );
    await using service = await openTestService(server.url);
    const before = process.memoryUsage().arrayBuffers;
    expect(await failureOf(service)).toBe(
      `FEATURE_UNAVAILABLE unreadable: the body unpacks to more than ${MAX_BODY_BYTES} bytes`,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * MAX_BODY_BYTES);
  });

  test('bytes that trickle end at the timeout, and so does the connection', async () => {
    await using server = await TestServer.open((_, response) => {
      response.write('{"x":');
      const timer = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(timer));
    });
    await using service = await openTestService(server.url, { timeout: 60 });
    expect(await failureOf(service)).toBe('DEADLINE_EXCEEDED timeout');
    await server.broken;
  });

  test('a connection that closes in mid-body, or answers what is no HTTP, is tried again', async () => {
    const answers = ['HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"x"', 'gibberish\r\n\r\n', ''];
    let calls = 0;
    const server = createServer((socket: Socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => {
        calls++;
        const text = answers.shift() ?? 'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{"x":1}';
        socket.end(text);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using service = await openTestService(url, { retries: 3 });
    const block = await service.source(getView('/{id}')).fetch(keysOf('a'), X, within(5000));
    expect(told(block)).toEqual(['PRESENT service']);
    expect(calls).toBe(4);
    expect(service.counters).toMatchObject({ retries: 3, tries: { network: 3, answered: 1 } });
    server.close();
  });

  test('nobody listens: an ERROR that names no address', async () => {
    await using service = await openTestService('http://127.0.0.1:1');
    expect(await failureOf(service)).toBe('FEATURE_UNAVAILABLE network: the connection failed (ECONNREFUSED)');
  });

  test('an error with a long page is told by its status; the page is not read to its end', async () => {
    await using server = await TestServer.open((_, response) =>
      response.writeHead(503).end(Buffer.alloc(20 * 2 ** 20)),
    );
    await using service = await openTestService(server.url);
    expect(await failureOf(service)).toMatch(/^FEATURE_UNAVAILABLE unavailable/);
    await server.broken;
  });
});

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['identity', (text: string) => text],
])('an answer packed with %s is read', async (encoding, pack) => {
  await using server = await TestServer.open((seen, response) => {
    expect(seen.headers['accept-encoding']).toBe('gzip, deflate, br');
    response.setHeader('content-encoding', encoding).end(pack('\ufeff{"x":1}'));
  });
  await using service = await openTestService(server.url);
  const block = await service.source(getView('/{id}')).fetch(keysOf('a'), X, within(5000));
  expect([...block.values[0]]).toEqual([1]);
});

test('an interim answer is passed over', async () => {
  await using server = await TestServer.open((_, response) => {
    response.writeProcessing();
    response.writeEarlyHints({ link: '</a>; rel=preload' });
    sendJson(response, { x: 1 });
  });
  await using service = await openTestService(server.url);
  const block = await service.source(getView('/{id}')).fetch(keysOf('a'), X, within(5000));
  expect([...block.values[0]]).toEqual([1]);
});
