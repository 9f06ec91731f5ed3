import { expect, test } from 'vitest';
import { readBoards, runWeather, serveWeather, type WeatherApp, type WeatherBoard } from './weather-project.ts';

const CLIENTS = 64;

/** Each board once, by 64 clients at a time. */
async function askAll(app: WeatherApp, boards: readonly WeatherBoard[]): Promise<Set<string>> {
  const left = boards.values();
  const seen = new Set<string>();
  const client = async (): Promise<void> => {
    for (const board of left) for (const state of (await app.features(board)).temp) seen.add(state);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return seen;
}

test('64 clients over 200 boards, cold: the service is asked for each key once within its ttl', async () => {
  await using weather = await runWeather();
  await using app = await serveWeather({ url: weather.url, view: 'cache: { ttl: 5m, negativeTtl: 5m }' });
  // Twice the boards: each key is wanted by two clients at least, mostly at once.
  const boards = readBoards().flatMap((board) => [board, board]);
  expect(await askAll(app, boards)).toContain('PRESENT service');
  const counts = await weather.counts();
  expect(counts).toMatchObject({ distinctKeys: 549, mostOfOneKey: 1, lookup: { keys: 549 } });
  expect(counts.lookup.calls).toBeLessThan(boards.length / 2);
  expect(await askAll(app, boards)).toEqual(new Set(['PRESENT cache', 'NOT_FOUND none']));
  expect(await weather.counts()).toEqual(counts);
});

test('at expiry each key is refreshed once, however many ask, and nobody waits for it', async () => {
  await using weather = await runWeather();
  await using app = await serveWeather({
    url: weather.url,
    view: 'cache: { ttl: 2s, staleWhileRevalidate: 1h, negativeTtl: 1h }',
  });
  const boards = readBoards().slice(0, 10);
  await askAll(app, boards);
  const { distinctKeys } = await weather.counts();
  const seen = new Set<string>();
  const untilMs = performance.now() + 10_000;
  let counts = await weather.counts();
  while (counts.lookup.keys < 2 * distinctKeys && performance.now() < untilMs) {
    for (const state of await askAll(app, [...boards, ...boards, ...boards])) seen.add(state);
    counts = await weather.counts();
  }
  expect(counts).toMatchObject({ lookup: { keys: 2 * distinctKeys }, mostOfOneKey: 2 });
  expect(seen).toEqual(new Set(['PRESENT cache', 'PRESENT stale']));
});
