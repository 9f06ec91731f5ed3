import { expect, test } from 'vitest';
import { judgeWeather, type ExpectedWeather } from './judge-weather.ts';

/** Two departures from one airport, one from another, and one from where nothing was observed. */
const expected: ExpectedWeather = {
  fresh: {
    ids: ['a', 'b', 'c', 'd'],
    predictions: [0.1, 0.2, 0.3, 0.4],
    degraded: [
      { view: 'plane', status: 'NOT_FOUND', source: 'none', count: 1 },
      { view: 'weather', status: 'NOT_FOUND', source: 'none', count: 1 },
    ],
  },
  withoutWeather: [0.11, 0.21, 0.31, 0.4],
  airports: [
    { rows: [0, 1], isObserved: true },
    { rows: [2], isObserved: true },
    { rows: [3], isObserved: false },
  ],
};
const plane = { view: 'plane', status: 'NOT_FOUND', source: 'none', count: 1 };
const weather = (status: string, source: string, count: number) => ({ view: 'weather', status, source, count });
const unobserved = weather('NOT_FOUND', 'none', 1);

function judged(predictions: unknown, told: object[], more = {}): string {
  const body = JSON.stringify({ ids: expected.fresh.ids, predictions, degraded: [...told, plane], ...more });
  return judgeWeather(200, body, expected).kind;
}

test.each([
  ['fresh', [0.1, 0.2, 0.3, 0.4], [unobserved]],
  ['stale', [0.1, 0.2, 0.3, 0.4], [unobserved, weather('PRESENT', 'stale', 2)]],
  ['stale', [0.1, 0.2, 0.3, 0.4], [unobserved, weather('ERROR', 'stale', 3)]],
  ['defaulted', [0.11, 0.21, 0.3, 0.4], [unobserved, weather('TIMEOUT', 'none', 2)]],
  ['defaulted', [0.11, 0.21, 0.31, 0.4], [weather('ERROR', 'none', 4)]],
  ['defaulted', [0.11, 0.21, 0.3, 0.4], [weather('ERROR', 'stale', 1), weather('ERROR', 'none', 3)]],
  ['defaulted', [0.1, 0.2, 0.31, 0.4], [unobserved, weather('NULL_VALUE', 'default', 1)]],
  ['fresh', [0.1, 0.2, 0.3, 0.4], [weather('ERROR', 'none', 1)]],
])('%s weather is what is told and used: %j', (kind, predictions, told) => {
  expect(judged(predictions, told)).toBe(kind);
});

test.each([
  ['a default that is not told', [0.1, 0.2, 0.31, 0.4], [unobserved]],
  ['a default told of too few departures', [0.11, 0.21, 0.31, 0.4], [unobserved, weather('ERROR', 'none', 2)]],
  ['a default told of too many', [0.11, 0.21, 0.3, 0.4], [unobserved, weather('ERROR', 'none', 3)]],
  ['half an airport', [0.11, 0.2, 0.3, 0.4], [unobserved, weather('ERROR', 'none', 1)]],
  ['fresh values told as a default', [0.1, 0.2, 0.3, 0.4], [unobserved, weather('ERROR', 'none', 2)]],
  ['a default told as stale', [0.11, 0.21, 0.3, 0.4], [unobserved, weather('ERROR', 'stale', 2)]],
  ['another value than was observed, told as stale', [0.1, 0.2, 0.9, 0.4], [unobserved, weather('ERROR', 'stale', 1)]],
  ['an observed row that is said not to be there', [0.1, 0.2, 0.31, 0.4], [weather('NOT_FOUND', 'none', 2)]],
  ['a stale row where there never was one', [0.1, 0.2, 0.3, 0.4], [weather('ERROR', 'stale', 1)]],
])('%s is wrong', (_, predictions, told) => {
  expect(judged(predictions, told)).toBe('wrong');
});

test('the fallback and clear errors are told apart from wrong answers', () => {
  const fallback = { fallback: 'DEADLINE_EXCEEDED' };
  expect(judged([0.2, 0.2, 0.2, 0.2], [weather('TIMEOUT', 'none', 4)], fallback)).toBe('fallback');
  const ungathered = { ids: expected.fresh.ids, predictions: [0.2, 0.2, 0.2, 0.2], ...fallback };
  expect(judgeWeather(200, JSON.stringify(ungathered), expected).kind).toBe('fallback');
  expect(judged([0.2, 0.2, 0.2, 0.3], [weather('TIMEOUT', 'none', 4)], fallback)).toBe('wrong');
  const error = { error: 'a sentence', code: 'OVERLOADED', retryable: true };
  expect(judgeWeather(429, JSON.stringify(error), expected).kind).toBe('error');
  expect(judgeWeather(200, 'no JSON', expected).kind).toBe('wrong');
  expect(judgeWeather(0, 'no answer', expected).kind).toBe('wrong');
});
