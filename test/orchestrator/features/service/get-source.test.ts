import { describe, expect, test } from 'vitest';
import { getView, key, keysOf, openTestService, sendJson, TestServer, told, within, X } from './wire.ts';

describe('one call a key', () => {
  test('asks for each key on its own path, and reads fields where their pointers say', async () => {
    await using server = await TestServer.open(({ target }, response) =>
      sendJson(response, { wind: { speed: target.endsWith('EWR') ? 8 : 9 }, at: '2013-05-05T13:00:00Z' }),
    );
    await using service = await openTestService(
      server.url,
      { headers: {} },
      { headers: { Authorization: 'Bearer t' } },
    );
    const view = {
      ...getView('/stations/{origin}?hour={hour}&unit=f', key('origin', ['hour', 'timestamp'])),
      at: { x: '/wind/speed' },
      timestamp: '/at',
    };
    const hour = '2013-05-05T12:00:00Z';
    const block = await service.source(view).fetch(keysOf(`EWR|${hour}`, `L A%7CG|${hour}`), X, within(5000));
    expect(told(block)).toEqual(['PRESENT service', 'PRESENT service']);
    expect(block.timestampMs[0]).toBe(Date.UTC(2013, 4, 5, 13));
    expect(server.seen.map(({ target }) => target).sort()).toEqual([
      '/stations/EWR?hour=2013-05-05T12%3A00%3A00Z&unit=f',
      '/stations/L%20A%7CG?hour=2013-05-05T12%3A00%3A00Z&unit=f',
    ]);
    expect(server.seen[0].headers).toMatchObject({ authorization: 'Bearer t', accept: 'application/json' });
  });

  test('404 is NOT_FOUND, another 4xx ERROR, each for its own key, and none is asked twice', async () => {
    await using server = await TestServer.open(({ target }, response) => {
      if (target === '/rows/here') return sendJson(response, { x: 1 });
      response.writeHead(target === '/rows/gone' ? 404 : 403).end('<html>no</html>');
    });
    await using service = await openTestService(server.url, { retries: 3 });
    const block = await service.source(getView('/rows/{id}')).fetch(keysOf('here', 'gone', 'secret'), X, within(5000));
    expect(told(block)).toEqual(['PRESENT service', 'NOT_FOUND service', 'ERROR none']);
    expect([...block.values[0]]).toEqual([1, Number.NaN, Number.NaN]);
    expect(server.seen).toHaveLength(3);
    expect(service.counters.tries).toMatchObject({ answered: 1, not_found: 1, refused: 1 });
  });

  test('a key that is asked for twice in a fetch is called once', async () => {
    await using server = await TestServer.open(({ target }, response) => sendJson(response, { x: target.length }));
    await using service = await openTestService(server.url);
    const block = await service.source(getView('/{id}')).fetch(keysOf('a', 'bb', 'a'), X, within(5000));
    expect([...block.values[0]]).toEqual([2, 3, 2]);
    expect(server.seen).toHaveLength(2);
  });

  test('the row has the time of its fetch; what Cache-Control says of it goes along', async () => {
    const control: Record<string, string> = { '/a': 'public, max-age=60', '/b': 'no-store', '/d': 'private' };
    await using server = await TestServer.open(({ target }, response) => {
      if (target in control) response.setHeader('cache-control', control[target]);
      sendJson(response, { x: 1 }, { age: '12' });
    });
    await using service = await openTestService(server.url, {}, { epochMs: () => 1234 });
    const block = await service.source(getView('/{id}')).fetch(keysOf('a', 'b', 'c', 'd'), X, within(5000));
    expect([...block.timestampMs]).toEqual([1234, 1234, 1234, 1234]);
    expect([...block.freshMs!]).toEqual([48_000, 0, Number.NaN, Number.NaN]);
  });

  test('many keys share connections: no more than maxConcurrency at a time, kept alive between fetches', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    let connections = 0;
    await using server = await TestServer.open((_, response) => {
      waiting.push(() => sendJson(response, { x: 1 }));
      most = Math.max(most, waiting.length);
      if (waiting.length === 3) while (waiting.length > 0) waiting.pop()!();
    });
    server.server.on('connection', () => connections++);
    await using service = await openTestService(server.url, { maxConcurrency: 3 });
    const source = service.source(getView('/{id}'));
    for (const round of [1, 2]) {
      const asked = source.fetch(keysOf(...Array.from({ length: 30 }, (_, at) => `${round}-${at}`)), X, within(5000));
      expect(service.counters.waiting).toBe(27);
      expect(told(await asked).every((each) => each === 'PRESENT service')).toBe(true);
    }
    expect(most).toBe(3);
    expect(connections).toBe(3);
    expect(service.counters).toMatchObject({ waiting: 0, inFlight: 0 });
    expect(service.counters.durations.counts.reduce((sum, count) => sum + count)).toBe(60);
  });

  test('traceparent and the remaining milliseconds go along; what is no traceparent does not', async () => {
    await using server = await TestServer.open((_, response) => sendJson(response, { x: 1 }));
    await using service = await openTestService(server.url, { timeout: 2000 }, { now: () => 1000 });
    const source = service.source(getView('/{id}'));
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await source.fetch(keysOf('a'), X, within(0, { deadlineMs: 1500, trace }));
    await source.fetch(keysOf('b'), X, within(0, { deadlineMs: 9000, trace: 'no\r\nx: y' }));
    expect(server.seen[0].headers).toMatchObject({ traceparent: trace, 'x-request-timeout-ms': '500' });
    expect(server.seen[1].headers).not.toHaveProperty('traceparent');
    expect(server.seen[1].headers['x-request-timeout-ms']).toBe('2000');
  });
});

test('headers that calls set themselves, or that HTTP does not allow, are refused by name and not by value', async () => {
  const refused: [string, string][] = [
    ['Host', 'evil'],
    ['content-length', '1'],
    ['a b', 'c'],
    ['x-key', 's3cret\r\nHost: evil'],
  ];
  for (const [name, value] of refused) {
    const opening = openTestService('http://127.0.0.1:9', {}, { headers: { [name]: value } });
    await expect(opening).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining(`"${name}"`) });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('s3cret') });
  }
});
