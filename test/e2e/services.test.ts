import { describe, expect, test, vi } from 'vitest';
import { sendJson, TestServer } from '../orchestrator/features/service/wire.ts';
import { ask } from './ask.ts';
import { BOARD, runWeather, serveWeather, type Rows, type WeatherApp, type WeatherBoard } from './weather-project.ts';

const STATION = 'get: "/stations/{origin}/hours/{hour}"';
/** One row, since each expires by itself. */
const JFK: WeatherBoard = { ...BOARD, instances: BOARD.instances.filter(({ id }) => id === 'JFK') };
const OBSERVED_AT_JFK = [[55.04], [6.904679999999999]];

/** Asks until the temperature's state is the last of `states`; fails where it is in none of those that may still come. */
async function untilState(app: WeatherApp, ...states: string[]): Promise<Rows> {
  const left = [...states];
  const reached = await vi.waitUntil(
    async () => {
      const rows = await app.features(JFK);
      const [state] = rows.temp;
      expect(left).toContain(state);
      while (left[0] !== state) left.shift();
      return left.length === 1 && rows;
    },
    { timeout: 15_000, interval: 10 },
  );
  return reached;
}

describe.concurrent('a view that reads a service through a cache', () => {
  test('is fresh, cached, stale while it is fetched anew, stale for a failure, its default, and fresh again', async () => {
    await using weather = await runWeather();
    await using app = await serveWeather({
      url: weather.url,
      view: 'cache: { ttl: 1s, staleWhileRevalidate: 1500ms, staleIfError: 3s }',
    });
    const fresh = { values: OBSERVED_AT_JFK, degraded: undefined };
    const stale = { values: OBSERVED_AT_JFK, degraded: 'weather=stale' };
    expect(await app.features(JFK)).toMatchObject({ temp: ['PRESENT service'], ...fresh });
    expect(await untilState(app, 'PRESENT cache', 'PRESENT stale')).toMatchObject(stale);
    expect(await untilState(app, 'PRESENT stale', 'PRESENT cache')).toMatchObject(fresh);
    expect(await weather.counts()).toMatchObject({ lookup: { keys: 2 }, mostOfOneKey: 2 });

    await weather.fault('failing');
    expect(await untilState(app, 'PRESENT cache', 'PRESENT stale', 'ERROR stale')).toMatchObject(stale);
    const failed = await untilState(app, 'ERROR stale', 'ERROR none');
    expect(failed).toMatchObject({ wind: ['ERROR default'], values: [[null], [8]], degraded: 'weather=error' });

    await weather.fault(null);
    expect(await untilState(app, 'ERROR none', 'PRESENT service')).toMatchObject(fresh);
  });

  test('tells of a service that hangs with TIMEOUT, and of one that is left alone with ERROR', async () => {
    await using weather = await runWeather();
    await using app = await serveWeather({
      url: weather.url,
      service: 'timeout: 200ms',
      view: 'cache: { ttl: 1s, staleIfError: 1h }',
    });
    const stale = { values: OBSERVED_AT_JFK, degraded: 'weather=stale' };
    await untilState(app, 'PRESENT service');
    await weather.fault('slow', { ms: 60_000 });
    expect(await untilState(app, 'PRESENT cache', 'TIMEOUT stale')).toMatchObject(stale);
    expect(await untilState(app, 'TIMEOUT stale', 'ERROR stale')).toMatchObject(stale);
    const { text } = await ask(app.app.listening.admin, { path: '/metrics' });
    expect(text).toMatch(/tandem_service_breaker_opens_total\{service="weather"\} [1-9]/);
  });
});

test('a view of one key a call has its rows, and NOT_FOUND where the service has none', async () => {
  await using weather = await runWeather();
  await using app = await serveWeather({ url: weather.url, read: STATION });
  const [ewr, jfk] = BOARD.instances;
  const { temp, wind, values, degraded, told } = await app.features({
    ...BOARD,
    instances: [jfk, { id: 'x', origin: 'no such airport' }, ewr, jfk],
  });
  expect(temp).toEqual(['PRESENT service', 'NOT_FOUND none', 'PRESENT service', 'PRESENT service']);
  expect(wind[1]).toBe('NOT_FOUND default');
  expect(values).toEqual([
    [55.04, null, 55.04, 55.04],
    [6.904679999999999, 8, 10.357019999999999, 6.904679999999999],
  ]);
  expect(degraded).toBeUndefined();
  expect(told.json['degraded']).toEqual([{ view: 'weather', status: 'NOT_FOUND', source: 'none', count: 1 }]);
  expect(await weather.counts()).toMatchObject({ station: { calls: 3, keys: 3 }, lookup: { calls: 0 } });
});

test('the service is told whose request it is, and how long anyone waits', async () => {
  await using server = await TestServer.open((_, response) => sendJson(response, { items: [] }));
  await using app = await serveWeather({ url: server.url, service: 'timeout: 500ms' });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await app.features(BOARD, { traceparent });
  await app.features(BOARD, { 'x-request-timeout-ms': '300' });
  const [first, second] = server.seen.map(({ headers }) => headers);
  expect(first).toMatchObject({ traceparent, 'x-request-timeout-ms': '500' });
  expect(second['traceparent']).toBeUndefined();
  expect(Number(second['x-request-timeout-ms'])).toBeGreaterThan(0);
  expect(Number(second['x-request-timeout-ms'])).toBeLessThanOrEqual(200);
});

test('a drain ends in time while the service hangs, answers who waits, and leaves no connection open', async () => {
  await using server = await TestServer.open(() => undefined);
  const app = await serveWeather({ url: server.url, service: 'timeout: 1s', deadline: '2s' });
  const waiting = app.features(BOARD);
  await vi.waitUntil(() => server.seen.length > 0);
  await app[Symbol.asyncDispose]();
  const { temp, degraded } = await waiting;
  expect(temp).toEqual(Array(3).fill('TIMEOUT none'));
  expect(degraded).toBe('weather=timeout');
  const connections = () => new Promise((resolve) => server.server.getConnections((_, count) => resolve(count)));
  await vi.waitFor(async () => expect(await connections()).toBe(0));
});
