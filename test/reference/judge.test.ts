import { expect, test } from 'vitest';
import type { Expected } from './expected.ts';
import { judge } from './judge.ts';

const expected: Expected = {
  ids: ['a', 'b', 'c'],
  predictions: [0.5, null, 0.25],
  degraded: [{ view: 'plane', status: 'NOT_FOUND', source: 'none', count: 2 }],
};
const answer = {
  predictions: [0.5, null, 0.25],
  ids: ['a', 'b', 'c'],
  degraded: expected.degraded,
  errors: [{ instance: 1, code: 'INVALID_INPUT', error: 'a sentence' }],
};
const judged = (change: object, status = 200): string =>
  judge(status, JSON.stringify({ ...answer, ...change }), expected).kind;

test('the answer that was expected is true, within a millionth', () => {
  expect(judged({})).toBe('true');
  expect(judged({ predictions: [0.500_000_9, null, 0.25] })).toBe('true');
});

test.each([
  ['a prediction a little off', { predictions: [0.500_002, null, 0.25] }],
  ['two rows changed places', { predictions: [0.25, null, 0.5] }],
  ['a bad instance that was scored', { predictions: [0.5, 0.5, 0.25] }],
  ['a good instance without a score', { predictions: [null, null, 0.25] }],
  ['a row too few', { predictions: [0.5, null] }],
  ['ids of another request', { ids: ['a', 'b', 'd'] }],
  ['no ids', { ids: undefined }],
  ['a degraded view that is not told', { degraded: undefined }],
  ['a degraded view told of too many rows', { degraded: [{ ...expected.degraded[0], count: 3 }] }],
  ['a bad instance that is not named', { errors: undefined }],
  ['the fallback value without its word', { predictions: [0.2, null, 0.2] }],
  ['the word fallback with model values', { fallback: 'OVERLOADED' }],
  ['a fallback for a code that it does not cover', { fallback: 'INTERNAL', predictions: [0.2, null, 0.2] }],
  ['a key that nobody expects', { explain: {} }],
])('%s is wrong', (_, change) => {
  expect(judged(change)).toBe('wrong');
});

test('the fallback is told apart by its code', () => {
  const body = JSON.stringify({ ...answer, predictions: [0.2, null, 0.2], fallback: 'OVERLOADED' });
  expect(judge(200, body, expected)).toEqual({ kind: 'fallback', code: 'OVERLOADED' });
  const ungathered = { predictions: [0.2, null, 0.2], fallback: 'DEADLINE_EXCEEDED', degraded: undefined };
  expect(judged(ungathered)).toBe('fallback');
  expect(judged({ ...ungathered, ids: undefined })).toBe('wrong');
});

test('an error is clear when it has a known code, a sentence and says whether to try again', () => {
  const error = { error: 'a sentence', code: 'WRAPPER_UNAVAILABLE', retryable: true };
  expect(judge(503, JSON.stringify(error), expected)).toEqual({ kind: 'error', code: 'WRAPPER_UNAVAILABLE' });
  expect(judge(500, JSON.stringify({ ...error, code: 'INTERNAL' }), expected).kind).toBe('wrong');
  expect(judge(502, 'Bad Gateway', expected).kind).toBe('wrong');
});
