import { expect, it } from 'vitest';
import { countProblems } from '../../cli/problem-count.ts';
import type { Problem } from '../../config/checked.ts';

it('counts errors and warnings, and names none that there are not', () => {
  const error: Problem = { file: 'tandem.yaml', line: 1, column: 1, severity: 'error', code: 'CYCLE', message: '' };
  const warning: Problem = { ...error, severity: 'warning' };
  expect(countProblems([error])).toBe('1 error');
  expect(countProblems([warning, error, error])).toBe('2 errors, 1 warning');
  expect(countProblems([warning, warning])).toBe('2 warnings');
  expect(countProblems([])).toBe('no problems');
});
