import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { OPEN_MS } from '../../../../orchestrator/features/breaker.ts';
import { batchView, codeOf, getView, keysOf, openTestService, sendJson, TestServer, told, within, X } from './wire.ts';

const SILENT = (): void => undefined;

describe('a deadline', () => {
  test('leaves what is there: late keys are TIMEOUT, and their connections are broken off', async () => {
    await using server = await TestServer.open(({ target }, response) => {
      if (target === '/a') sendJson(response, { x: 1 });
    });
    await using service = await openTestService(server.url);
    const startedMs = performance.now();
    const block = await service.source(getView('/{id}')).fetch(keysOf('a', 'b'), X, within(400));
    expect(told(block)).toEqual(['PRESENT service', 'TIMEOUT none']);
    expect(performance.now() - startedMs).toBeLessThan(2000);
    await server.broken;
    expect(service.counters).toMatchObject({ inFlight: 0, waiting: 0, tries: { answered: 1, late: 1 } });
  });

  test('counts for those who wait for a place too: they never reach the wire', async () => {
    await using server = await TestServer.open(SILENT);
    await using service = await openTestService(server.url, { maxConcurrency: 1 });
    const fetching = service.source(getView('/{id}')).fetch(keysOf('a', 'b', 'c'), X, within(100));
    await expect(fetching).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await server.broken;
    expect(server.seen).toHaveLength(1);
    expect(service.counters).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test('that has passed calls nobody', async () => {
    await using server = await TestServer.open(SILENT);
    await using service = await openTestService(server.url);
    const fetching = service.source(batchView()).fetch(keysOf('a'), X, within(-1));
    await expect(fetching).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(server.seen).toEqual([]);
  });

  test('ends the wait for a connection that is never made; that is given up soon after', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.resume().on('error', () => socket.destroy()))); // never speaks TLS
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    {
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await using service = await openTestService(url, { timeout: 50 });
      expect(await codeOf(service.source(getView('/{id}')).fetch(keysOf('a'), X, within(5000)))).toBe(
        'DEADLINE_EXCEEDED',
      );
    }
    await vi.waitFor(() => expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]), 5000);
    server.close();
  });
});

describe('a timeout', () => {
  /** A service in a thread of its own, which answers while this one is busy. */
  const SERVICE = `
    const { createServer } = require('node:http');
    const { parentPort } = require('node:worker_threads');
    const server = createServer((_, response) => {
      parentPort.postMessage('asked');
      setTimeout(() => response.end('{"x":1}'), 5);
    });
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  `;

  test('is not told of an answer that came in time, while this process was busy', async () => {
    const worker = new Worker(SERVICE, { eval: true });
    const [port] = (await once(worker, 'message')) as [number];
    {
      await using service = await openTestService(`http://127.0.0.1:${port}`, { timeout: 60 });
      const source = service.source(getView('/{id}'));
      const asked = once(worker, 'message');
      const fetching = codeOf(source.fetch(keysOf('a'), X, within(200)));
      await asked;
      const busyUntilMs = performance.now() + 300;
      while (performance.now() < busyUntilMs) Math.random();
      expect(await fetching).toBe('answered');
    }
    await worker.terminate();
  });
});

describe('a caller who leaves', () => {
  test('takes the calls along, on the wire and waiting for a place', async () => {
    await using server = await TestServer.open(SILENT);
    await using service = await openTestService(server.url, { maxConcurrency: 1, retries: 1 });
    const caller = new AbortController();
    const options = within(60_000, { signal: caller.signal });
    const leaving = codeOf(service.source(getView('/{id}')).fetch(keysOf('a', 'b'), X, options));
    await vi.waitFor(() => expect(server.seen).toHaveLength(1));
    caller.abort();
    expect(await leaving).toBe('CANCELLED');
    await server.broken;
    expect(server.seen).toHaveLength(1);
    expect(service.counters).toMatchObject({ inFlight: 0, waiting: 0, retries: 0, breakerOpens: 0 });
  });

  test('ends the pause before another try', async () => {
    await using server = await TestServer.open((_, response) => response.writeHead(503, { 'retry-after': '9' }).end());
    await using service = await openTestService(server.url, { retries: 1 });
    const caller = new AbortController();
    const options = within(60_000, { signal: caller.signal });
    const leaving = codeOf(service.source(getView('/{id}')).fetch(keysOf('a'), X, options));
    await vi.waitFor(() => expect(service.counters.tries.unavailable).toBe(1));
    caller.abort();
    expect(await leaving).toBe('FEATURE_UNAVAILABLE');
    expect(server.seen).toHaveLength(1);
  });

  test('before the fetch calls nobody', async () => {
    await using server = await TestServer.open(SILENT);
    await using service = await openTestService(server.url);
    const fetching = service
      .source(getView('/{id}'))
      .fetch(keysOf('a'), X, within(99, { signal: AbortSignal.abort() }));
    await expect(fetching).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(server.seen).toEqual([]);
  });

  test('is no failure of the service', async () => {
    await using server = await TestServer.open(SILENT);
    await using service = await openTestService(server.url);
    for (let at = 1; at <= 8; at++) {
      const caller = new AbortController();
      const options = within(60_000, { signal: caller.signal });
      const leaving = codeOf(service.source(getView('/{id}')).fetch(keysOf('a'), X, options));
      await vi.waitFor(() => expect(server.seen).toHaveLength(at));
      caller.abort();
      expect(await leaving).toBe('CANCELLED');
    }
    expect(service.breaker).toBe('closed');
  });
});

describe('another try', () => {
  test('is made after 5xx, 429 and a timeout, and may well succeed', async () => {
    const statuses = [500, 429, 0];
    await using server = await TestServer.open((_, response) => {
      const status = statuses.shift();
      if (status === undefined) sendJson(response, { x: 1 });
      else if (status > 0) response.writeHead(status).end();
    });
    await using service = await openTestService(server.url, { retries: 3, timeout: 500 });
    const block = await service.source(getView('/{id}')).fetch(keysOf('a'), X, within(20_000));
    expect(told(block)).toEqual(['PRESENT service']);
    expect(service.counters.tries).toMatchObject({ unavailable: 1, throttled: 1, timeout: 1, answered: 1 });
    expect(service.counters.retries).toBe(3);
  });

  test('is not made where the pause, or what Retry-After asks for, would pass the deadline', async () => {
    await using server = await TestServer.open((_, response) => response.writeHead(503, { 'retry-after': '30' }).end());
    await using service = await openTestService(server.url, { retries: 5 });
    const startedMs = performance.now();
    const fetching = service.source(getView('/{id}')).fetch(keysOf('a'), X, within(10_000));
    await expect(fetching).rejects.toMatchObject({ code: 'FEATURE_UNAVAILABLE' });
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(server.seen).toHaveLength(1);
  });

  test('waits as long as Retry-After asks', async () => {
    const at: number[] = [];
    await using server = await TestServer.open((_, response) => {
      at.push(performance.now());
      if (at.length === 1) response.writeHead(429, { 'retry-after': '1' }).end();
      else sendJson(response, { x: 1 });
    });
    await using service = await openTestService(server.url, { retries: 1 });
    await service.source(getView('/{id}')).fetch(keysOf('a'), X, within(10_000));
    expect(at[1] - at[0]).toBeGreaterThan(990);
  });

  test('has a budget: a burst of ten, then one for five calls', async () => {
    await using server = await TestServer.open((_, response) => response.writeHead(429).end());
    await using service = await openTestService(server.url, { retries: 1 });
    const source = service.source(getView('/{id}'));
    for (let round = 0; round < 5; round++) {
      const keys = keysOf(...Array.from({ length: 20 }, (_, at) => `${at}`));
      await expect(source.fetch(keys, X, within(10_000))).rejects.toMatchObject({ code: 'FEATURE_UNAVAILABLE' });
    }
    const { retries, retriesOverBudget } = service.counters;
    expect(retries).toBeGreaterThanOrEqual(26); // 10 and a fifth of 100, less what the full bucket could not take
    expect(retries).toBeLessThanOrEqual(30);
    expect(retries + retriesOverBudget).toBe(100);
    expect(server.seen).toHaveLength(100 + retries);
  });
});

describe('the breaker', () => {
  afterEach(() => vi.useRealTimers());

  test('opens after five failures in a row, turns calls away at once, lets one probe through, and closes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] }); // cockatiel's clock
    let nowMs = Math.ceil(performance.now()); // whole, so that sums are exact
    let isUp = false;
    const held: (() => void)[] = [];
    await using server = await TestServer.open((_, response) => {
      if (isUp) held.push(() => sendJson(response, { x: 1 }));
      else response.writeHead(500).end();
    });
    await using service = await openTestService(server.url, {}, { now: () => nowMs });
    const source = service.source(getView('/{id}'));
    const fetch = async (): Promise<string> => {
      const fetching = source.fetch(keysOf('a'), X, within(0, { deadlineMs: nowMs + 5000 }));
      return Promise.resolve(fetching).then(
        (block) => told(block)[0],
        (error: Error) => (error.cause as Error).message,
      );
    };
    const pass = (ms: number): void => {
      nowMs += ms;
      vi.setSystemTime(Date.now() + ms);
    };
    for (let at = 0; at < 5; at++) expect(await fetch()).toBe('unavailable: the service answered 500');
    expect(service.breaker).toBe('open');
    expect(await fetch()).toBe('open');
    pass(OPEN_MS - 1);
    expect(await fetch()).toBe('open');
    expect(server.seen).toHaveLength(5);

    pass(1);
    expect(await fetch()).toBe('unavailable: the service answered 500'); // a probe that fails opens it again
    expect(await fetch()).toBe('open');
    pass(OPEN_MS);
    isUp = true;
    const probing = fetch();

    await vi.waitFor(() => expect(held).toHaveLength(1));
    expect(service.breaker).toBe('half_open');
    expect(await fetch()).toBe('open'); // beside the probe
    held[0]();
    expect(await probing).toBe('PRESENT service');
    expect(service.breaker).toBe('closed');
    expect(server.seen).toHaveLength(7);
    expect(service.counters).toMatchObject({ breakerOpens: 2, tries: { open: 4 } });
  });

  test('stays closed over 4xx and 404, opens over what cannot be read', async () => {
    let status = 404;
    await using server = await TestServer.open((_, response) => response.writeHead(status).end('<html>'));
    await using service = await openTestService(server.url);
    const source = service.source(getView('/{id}'));
    const keys = keysOf(...Array.from({ length: 10 }, (_, at) => `${at}`));
    await source.fetch(keys, X, within(5000));
    for (status of [400, 403, 429])
      expect(await codeOf(source.fetch(keys, X, within(5000)))).toBe('FEATURE_UNAVAILABLE');
    expect(service.breaker).toBe('closed');
    status = 200;
    expect(await codeOf(source.fetch(keys, X, within(5000)))).toBe('FEATURE_UNAVAILABLE');
    expect(service.breaker).toBe('open');
  });

  test('opens over a service that hangs, though the deadline always comes before its timeout', async () => {
    await using server = await TestServer.open(SILENT);
    await using service = await openTestService(server.url, { timeout: 40 });
    const source = service.source(getView('/{id}'));
    for (let at = 0; at < 5; at++) {
      await expect(source.fetch(keysOf('a'), X, within(30))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    }
    expect(service.breaker).toBe('open');
  });
});

test('a service that is closed breaks off what is on the wire, and fails what comes later', async () => {
  await using server = await TestServer.open(SILENT);
  const service = await openTestService(server.url);
  const source = service.source(getView('/{id}'));
  const failing = codeOf(source.fetch(keysOf('a'), X, within(60_000)));
  await vi.waitFor(() => expect(server.seen).toHaveLength(1));
  await service.close();
  expect(await failing).toBe('FEATURE_UNAVAILABLE');
  await server.broken;
  await expect(source.fetch(keysOf('a'), X, within(5000))).rejects.toMatchObject({ code: 'FEATURE_UNAVAILABLE' });
  await service.close();
});
