import { expect, test } from 'vitest';
import { CEL_RULES } from '../../cel/rules.ts';
import { RULES } from '../../config/rules.ts';
import { problemsOf, readFixtures } from './fixtures.ts';

const fixtures = readFixtures();
const codes = [...Object.keys(RULES), ...Object.keys(CEL_RULES)];

test.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_, fixture) => {
  expect(problemsOf(fixture)).toEqual(fixture.expected);
  // Nothing but its own rule, so that no fixture stands for a rule by accident.
  expect(new Set(fixture.expected.map((line) => line.split(' ').at(-1)))).toEqual(new Set([fixture.code]));
});

test('every rule has a fixture, and every fixture breaks a rule', () => {
  expect([...new Set(fixtures.map(({ code }) => code))].sort()).toEqual(codes.sort());
});

test('no two rules share a code, or what they say', () => {
  expect(new Set(codes).size).toBe(codes.length);
  const sentences = [...Object.values(RULES), ...Object.values(CEL_RULES)];
  expect(new Set(sentences).size).toBe(sentences.length);
});
