import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../config/load.ts';
import { whyEquivalent } from './equivalents.ts';
import { mutantsOf, type Mutant } from './mutants.ts';

const reference = readFileSync(new URL('../../config/reference.yaml', import.meta.url), 'utf8');
const mutants = mutantsOf(reference).map((mutant) => ({ ...mutant, why: whyEquivalent(mutant) }));
const mistakes = mutants.filter(({ why }) => why === undefined);
const lineCount = reference.split('\n').length + 20;

/** One mistake is told once, or where each of those stands that it concerns. */
const MAX_PROBLEMS = 3;

/** What is missed of a mutant, as a line; undefined where it is told rightly. */
function missOf({ kind, pattern, put, text, lines }: Mutant): string | undefined {
  const { checked, problems } = parseConfig(text, 'reference.yaml', {});
  const told = new Set(problems.map(({ line }) => line));
  const isTold = kind === 'removed key' ? lines.some((line) => told.has(line)) : lines.every((line) => told.has(line));
  const isBrief = problems.length <= Math.max(MAX_PROBLEMS, lines.length);
  const isPlaced = problems.every(({ line, column }) => line >= 1 && line <= lineCount && column >= 1);
  const isWhole = problems.some(({ severity }) => severity === 'error') === (checked === undefined);
  if (lines.length > 0 && isTold && isBrief && isPlaced && isWhole) return undefined;
  const found = problems.map(({ line, column, code }) => `${line}:${column} ${code}`).join(', ');
  return `${kind} of ${pattern} (${put}): expected on ${lines.join(', ')}, told ${found}`;
}

test('the reference has hundreds of ways to be broken, of every kind', () => {
  expect(mistakes.length).toBeGreaterThan(2000);
  expect(new Set(mistakes.map(({ kind }) => kind)).size).toBe(11);
});

describe('every mistake is told on its line, and briefly', () => {
  test.each([...new Set(mistakes.map(({ kind }) => kind))])(
    '%s',
    (kind) => {
      const misses = mistakes.filter((mutant) => mutant.kind === kind).flatMap((mutant) => missOf(mutant) ?? []);
      expect(misses).toEqual([]);
    },
    120_000,
  );
});

test('what is called no mistake has no problem', () => {
  const told = mutants.filter(({ why, text }) => why !== undefined && parseConfig(text, '', {}).problems.length > 0);
  expect(told.map(({ kind, pattern, put }) => `${kind} of ${pattern} (${put})`)).toEqual([]);
});
