import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Decodes rows with names that are hard to spell in code, and tells the columns. */
const READS_ROWS = fileURLToPath(new URL('./read-json-rows.ts', import.meta.url));

test('a process that may make no code of texts reads the same', () => {
  const [free, bound] = [[], ['--disallow-code-generation-from-strings']].map((flags) =>
    execFileSync(process.execPath, [...flags, READS_ROWS], { encoding: 'utf8' }),
  );
  expect(JSON.parse(free)).toEqual([
    { name: 'plain', values: [1, null, 0], statuses: ['PRESENT', 'NULL_VALUE', 'PRESENT'] },
    { name: '"]; throw 1; //', values: [2, 5, null], statuses: ['PRESENT', 'PRESENT', 'ERROR'] },
    { name: 'a\u2028b\\', values: [3, null, null], statuses: ['PRESENT', 'NULL_VALUE', 'NULL_VALUE'] },
    { name: 'constructor', values: [null, null, 4], statuses: ['NULL_VALUE', 'NULL_VALUE', 'PRESENT'] },
    { name: '__proto__', values: [null, 6, null], statuses: ['NULL_VALUE', 'PRESENT', 'NULL_VALUE'] },
    { name: 'word', values: ['x', null, null], statuses: ['PRESENT', 'ERROR', 'NULL_VALUE'] },
  ]);
  expect(bound).toBe(free);
});
