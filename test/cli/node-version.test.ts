import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nodeProblem } from '../../cli/node-version.ts';

it('refuses an older Node in a sentence that says how to get a newer one', () => {
  expect(nodeProblem('20.20.2')).toBe(
    'tandem needs Node 24 or later, and this is Node 20.20.2. `npm install node@24` puts one into a project; npx takes it from there.',
  );
  expect(nodeProblem('23.11.1')).toContain('this is Node 23.11.1');
});

it.each(['24.0.0', '24.21.0', '25.0.0-nightly', '100.1.0'])('takes Node %s', (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});

it('asks for what package.json asks for', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  expect(engines.node).toBe('>=24');
  expect(nodeProblem('23.99.99')).toContain('needs Node 24 or later');
});
