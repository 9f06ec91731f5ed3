import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './markdown.ts';

const EXAMPLE = join(ROOT, 'examples', 'flights');
const PARSE = 'import ast, sys\nfor file in sys.argv[1:]: ast.parse(open(file).read(), file)';
// The README asks for Node only: a machine without Python has nothing to check these with.
const hasPython = spawnSync('python3', ['--version']).status === 0;

test.skipIf(!hasPython)('the scripts of the example are Python', () => {
  const scripts = readdirSync(EXAMPLE).filter((name) => name.endsWith('.py'));
  expect(scripts.length).toBeGreaterThan(0);
  const { stderr } = spawnSync('python3', ['-c', PARSE, ...scripts.map((name) => join(EXAMPLE, name))]);
  expect(stderr.toString()).toBe('');
});
