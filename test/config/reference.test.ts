import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { allKeyPaths } from '../../config/known-keys.ts';
import { loadConfig } from '../../config/load.ts';

const file = new URL('../../config/reference.yaml', import.meta.url).pathname;

test('the reference is a file that checks clean', () => {
  expect(loadConfig(file, {}).problems).toEqual([]);
});

test('the reference has every key of the schema', () => {
  const reference: unknown = parse(readFileSync(file, 'utf8'));
  expect(allKeyPaths().filter((path) => valuesAt(reference, path.split('.')).length === 0)).toEqual([]);
});

test('every key of the reference has a comment that says whether it is required or its default', () => {
  const lines = readFileSync(file, 'utf8').split('\n');
  const uncommented = [...new Set(allKeyPaths().map((path) => path.split('.').at(-1)))].filter(
    (key) =>
      !lines.some(
        (line, index) =>
          line.trim().startsWith(`${key}:`) && lines[index - 1]?.trim().replace(/^- /, '').startsWith('#'),
      ),
  );
  expect(uncommented).toEqual([]);
});

/** The values at a path in which `*` is any key or index. */
function valuesAt(data: unknown, [step, ...rest]: readonly string[]): unknown[] {
  if (step === undefined) return [data];
  if (typeof data !== 'object' || data === null) return [];
  const below = data as Record<string, unknown>;
  const values = step === '*' ? Object.values(below) : Object.hasOwn(below, step) ? [below[step]] : [];
  return values.flatMap((value) => valuesAt(value, rest));
}
