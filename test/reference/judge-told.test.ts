import { expect, test } from 'vitest';
import { judgeTold, type ExpectedTold } from './judge-told.ts';
import type { View } from './flights.ts';

const found = { plane: 'N1', route: 'EWR ATL', pulse: '0', weather: 'EWR 0', dest_airport: 'ATL', home_airport: 'EWR' };
/** Two departures from one airport, one from another that nothing was observed at, and one without a plane. */
const expected: ExpectedTold = {
  fresh: { ids: ['a', 'b', 'c', 'd'], predictions: [0.1, 0.2, 0.3, 0.4], degraded: [] },
  rows: [
    { keys: found, unusable: new Map() },
    { keys: { ...found, plane: 'N2' }, unusable: new Map() },
    {
      keys: { ...found, plane: 'N3', weather: 'JFK 0', home_airport: 'JFK' },
      unusable: new Map([['weather' as const, 'NOT_FOUND']]),
    },
    {
      keys: { ...found, plane: undefined, weather: 'LGA 0', home_airport: 'LGA' },
      unusable: new Map([['plane' as const, 'NOT_FOUND']]),
    },
  ],
  // As if a plane made 0.001 of it, and the weather 0.01.
  async predict(row, failed) {
    return [0.1, 0.2, 0.3, 0.4][row] + (failed.has('plane') ? 0.001 : 0) + (failed.has('weather') ? 0.01 : 0);
  },
};
const entry = (view: View, status: string, source: string, ...rows: number[]) => ({
  view,
  status,
  source,
  count: rows.length,
  rows,
});
/** What is told while all is well. */
const unobserved = entry('weather', 'NOT_FOUND', 'none', 2);
const planeless = entry('plane', 'NOT_FOUND', 'none', 3);

async function judged(predictions: unknown, told: object[], more = {}): Promise<string> {
  const body = JSON.stringify({ ids: expected.fresh.ids, predictions, degraded: told, ...more });
  return (await judgeTold(200, body, expected)).kind;
}

test.each([
  ['fresh', [0.1, 0.2, 0.3, 0.4], [planeless, unobserved]],
  ['stale', [0.1, 0.2, 0.3, 0.4], [planeless, unobserved, entry('weather', 'PRESENT', 'stale', 0, 1)]],
  ['stale', [0.1, 0.2, 0.3, 0.4], [planeless, unobserved, entry('plane', 'ERROR', 'stale', 0, 2)]],
  ['fresh', [0.1, 0.2, 0.3, 0.4], [planeless, entry('weather', 'ERROR', 'none', 2)]],
  ['defaulted', [0.11, 0.21, 0.3, 0.4], [planeless, unobserved, entry('weather', 'TIMEOUT', 'none', 0, 1)]],
  ['defaulted', [0.11, 0.21, 0.3, 0.41], [planeless, entry('weather', 'ERROR', 'none', 0, 1, 2, 3)]],
  [
    'defaulted',
    [0.111, 0.21, 0.3, 0.41],
    [planeless, entry('weather', 'ERROR', 'none', 0, 1, 2, 3), entry('plane', 'TIMEOUT', 'none', 0)],
  ],
  [
    'defaulted',
    [0.1, 0.2, 0.3, 0.41],
    [planeless, unobserved, entry('weather', 'ERROR', 'stale', 0, 1), entry('weather', 'ERROR', 'none', 3)],
  ],
  ['defaulted', [0.1, 0.2, 0.3, 0.41], [planeless, unobserved, entry('weather', 'NULL_VALUE', 'default', 3)]],
])('%s rows are what is told and used: %j', async (kind, predictions, told) => {
  expect(await judged(predictions, told)).toBe(kind);
});

const [isFresh, isDefaulted] = [
  [0.1, 0.2, 0.3, 0.4],
  [0.11, 0.21, 0.3, 0.4],
];
test.each([
  ['a default that is not told', isDefaulted, [planeless, unobserved]],
  ['a missing row that is not told', isFresh, [planeless]],
  ['a default told of a row that has it not', isFresh, [planeless, unobserved, entry('weather', 'ERROR', 'none', 3)]],
  ['a default of another view', isDefaulted, [planeless, unobserved, entry('home_airport', 'ERROR', 'none', 0, 1)]],
  ['half a key', [0.11, 0.2, 0.3, 0.4], [planeless, unobserved, entry('weather', 'ERROR', 'none', 0)]],
  ['a default told as stale', isDefaulted, [planeless, unobserved, entry('weather', 'ERROR', 'stale', 0, 1)]],
  [
    'a stale row with another value',
    [0.1, 0.2, 0.3, 0.9],
    [planeless, unobserved, entry('weather', 'ERROR', 'stale', 3)],
  ],
  [
    'a row that is said not to be there',
    [0.1, 0.2, 0.3, 0.41],
    [planeless, entry('weather', 'NOT_FOUND', 'none', 2, 3)],
  ],
  ['a stale row where there never was one', isFresh, [planeless, entry('weather', 'ERROR', 'stale', 2)]],
  ['a fetch by a key that was not given', isFresh, [entry('plane', 'ERROR', 'none', 3), unobserved]],
  ['a view told twice of one departure', isFresh, [planeless, unobserved, unobserved]],
  ['a departure that was not asked for', isFresh, [planeless, unobserved, entry('plane', 'ERROR', 'none', 4)]],
  ['a count without its rows', isFresh, [planeless, { ...unobserved, rows: undefined }]],
])('%s is wrong', async (_, predictions, told) => {
  expect(await judged(predictions, told)).toBe('wrong');
});

test('the fallback and clear errors are told apart from wrong answers', async () => {
  const fallback = { fallback: 'DEADLINE_EXCEEDED' };
  const late = [planeless, entry('weather', 'TIMEOUT', 'none', 0, 1, 2, 3)];
  expect(await judged([0.2, 0.2, 0.2, 0.2], late, fallback)).toBe('fallback');
  expect(await judged([0.2, 0.2, 0.2, 0.2], [], fallback)).toBe('fallback');
  expect(await judged([0.2, 0.2, 0.2, 0.2], [planeless], fallback)).toBe('wrong');
  expect(await judged([0.2, 0.2, 0.2, 0.3], late, fallback)).toBe('wrong');
  const error = { error: 'a sentence', code: 'OVERLOADED', retryable: true };
  expect((await judgeTold(429, JSON.stringify(error), expected)).kind).toBe('error');
  expect((await judgeTold(200, 'no JSON', expected)).kind).toBe('wrong');
  expect((await judgeTold(0, 'no answer', expected)).kind).toBe('wrong');
});
