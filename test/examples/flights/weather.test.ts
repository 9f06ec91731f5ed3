import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openWeather } from '../../../examples/flights/weather.ts';
import { FAULTS } from '../../../examples/flights/weather-faults.ts';
import { openService, type Service } from '../../../orchestrator/features/service/open-service.ts';
import type { ServiceView } from '../../../orchestrator/features/service/service-view.ts';
import type { FieldSpec } from '../../../orchestrator/features/source.ts';
import { STATUSES, statusOf } from '../../../orchestrator/plan/column.ts';

const HOURS = ['EWR', 'JFK', 'LGA'].map((origin) => `${origin}|2013-09-27T10:00:00Z`);
const FIELDS: FieldSpec[] = [
  { name: 'temp', type: 'double' },
  { name: 'wind', type: 'double' },
];
const VIEW: ServiceView = {
  key: [
    { part: 'origin', type: 'string' },
    { part: 'hour', type: 'timestamp' },
  ],
  get: undefined,
  batch: {
    size: 100,
    post: '/observations:lookup',
    body: { keys: '$keys' },
    items: '/items',
    match: { origin: '/origin', hour: '/hour' },
  },
  at: { wind: '/wind_speed' },
  timestamp: undefined,
};
const ONE_BY_ONE: ServiceView = { ...VIEW, batch: undefined, get: '/stations/{origin}/hours/{hour}' };

let weather: Server;
let url: string;
beforeAll(async () => {
  weather = await openWeather(0);
  url = `http://127.0.0.1:${(weather.address() as AddressInfo).port}`;
});
afterAll(() => {
  weather.close();
  weather.closeAllConnections();
});
beforeEach(async () => {
  await post('/fault', { fault: null });
  await post('/counts:reset', {});
});

const post = async (path: string, body: unknown): Promise<unknown> =>
  (await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })).json();

const open = (timeout = 5000): Service =>
  openService(
    'weather',
    { url, headers: {}, timeout, retries: 0, maxConcurrency: 8 },
    { headers: {}, now: () => performance.now(), epochMs: () => Date.now(), random: Math.random },
  );

/** The statuses of temperature and wind at the three airports, and the temperatures. */
async function read(view: ServiceView, timeout?: number): Promise<{ statuses: string; temps: number[] }> {
  const service = open(timeout);
  try {
    const options = { asOfMs: 0, deadlineMs: performance.now() + 5000, signal: new AbortController().signal };
    const block = await service.source(view).fetch({ count: HOURS.length, text: HOURS }, FIELDS, options);
    const statuses = block.states.map((states) => Array.from(states, (state) => STATUSES[statusOf(state)]).join(' '));
    return { statuses: [...new Set(statuses)].join(', '), temps: [...(block.values[0] as Float64Array)] };
  } catch (error) {
    return { statuses: (error as { code: string }).code, temps: [] };
  } finally {
    await service.close();
  }
}

describe('the weather service of the example', () => {
  const PRESENT = { statuses: 'PRESENT PRESENT PRESENT', temps: [55.04, 55.04, 57.92] };

  test('answers many hours in a call, one a call, and counts what it was asked', async () => {
    expect(await read(VIEW)).toEqual(PRESENT);
    expect(await read(ONE_BY_ONE)).toEqual(PRESENT);
    expect(await (await fetch(`${url}/counts`)).json()).toEqual({
      lookup: { calls: 1, keys: 3 },
      station: { calls: 3, keys: 3 },
      distinctKeys: 3,
      mostOfOneKey: 2,
    });
  });

  test('knows no other hours, and says so', async () => {
    const nobody = '{"keys":[{"origin":"EWR","hour":"2014-01-01T10:00:00Z"},{"origin":1},null]}';
    const answer = await fetch(`${url}/observations:lookup`, { method: 'POST', body: nobody });
    expect(await answer.json()).toEqual({ items: [] });
    expect((await fetch(`${url}/stations/EWR/hours/never`)).status).toBe(404);
    expect((await fetch(`${url}/observations:lookup`, { method: 'POST', body: '[' })).status).toBe(400);
  });

  /** What a reader of features has of each fault, in a call for all; no value is ever a wrong one. */
  const WITH: Record<(typeof FAULTS)[number], { statuses: string; temps: number[] }> = {
    slow: { statuses: 'DEADLINE_EXCEEDED', temps: [] },
    failing: { statuses: 'FEATURE_UNAVAILABLE', temps: [] },
    throttling: { statuses: 'FEATURE_UNAVAILABLE', temps: [] },
    'wrong-types': { statuses: 'ERROR ERROR ERROR', temps: [Number.NaN, Number.NaN, Number.NaN] },
    'missing-fields': { statuses: 'NULL_VALUE NULL_VALUE NULL_VALUE', temps: [Number.NaN, Number.NaN, Number.NaN] },
    shuffled: PRESENT,
    duplicates: PRESENT,
    contradicting: { statuses: 'ERROR ERROR ERROR', temps: [Number.NaN, Number.NaN, Number.NaN] },
    huge: { statuses: 'FEATURE_UNAVAILABLE', temps: [] },
    bomb: { statuses: 'FEATURE_UNAVAILABLE', temps: [] },
    redirecting: { statuses: 'FEATURE_UNAVAILABLE', temps: [] },
    trickling: { statuses: 'DEADLINE_EXCEEDED', temps: [] },
    cutting: { statuses: 'FEATURE_UNAVAILABLE', temps: [] },
    page: { statuses: 'FEATURE_UNAVAILABLE', temps: [] },
  };
  test.each(FAULTS)('%s: told, never taken for the truth', async (fault) => {
    expect(await post('/fault', { fault, ms: 1000 })).toEqual({ fault });
    const isSlow = fault === 'slow' || fault === 'trickling';
    expect(await read(VIEW, isSlow ? 150 : undefined)).toEqual(WITH[fault]);
  });

  test('runs by itself, tells its port, and ends when it is told to', async () => {
    const file = join(import.meta.dirname, '../../../examples/flights/weather.ts');
    const child = spawn(process.execPath, [file, '--port', '0', '--fault', 'failing'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { event, http } = JSON.parse(line) as { event: string; http: string };
    expect(event).toBe('listening');
    const answer = await fetch(`http://${http}/stations/EWR/hours/2013-09-27T10:00:00Z`);
    expect(answer.status).toBe(500);
    await answer.body?.cancel();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
