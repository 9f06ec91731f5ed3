import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import type { Problem } from '../../config/checked.ts';
import { snippet } from '../../cli/check-text.ts';
import type { Output } from '../../cli/terminal.ts';

const problemAt = (line: number, column: number): Problem => ({
  file: 'tandem.yaml',
  line,
  column,
  severity: 'error',
  code: 'UNKNOWN_KEY',
  message: 'unknown',
});

function shown(text: string, problem: Problem, columns: number | undefined): string {
  const output: Output = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns });
  return stripVTControlCharacters(snippet(output, problem, (_, line) => text.split('\n')[line - 1]));
}

it('shows the line with a caret under the column', () => {
  expect(shown('version: 1\nprojct: p', problemAt(2, 1), 80)).toBe('    2 | projct: p\n      | ^\n');
  expect(shown('a: { b: 1 }', problemAt(1, 6), 80)).toBe('    1 | a: { b: 1 }\n      |      ^\n');
});

it('keeps tabs, so that the caret is below its character', () => {
  expect(shown('a:\tb', problemAt(1, 4), 80)).toBe('    1 | a:\tb\n      |   \t^\n');
});

it('shows of a line that is longer than the terminal the part round the column', () => {
  const text = `cel: "${'x'.repeat(200)}!${'y'.repeat(200)}"`;
  const [source, caret] = shown(text, problemAt(1, 207), 60).split('\n');
  expect(source.length).toBeLessThanOrEqual(60);
  expect(source[caret.indexOf('^')]).toBe('!');
});

it('shows nothing where the output is no terminal, nor where there is no line', () => {
  expect(shown('a: 1', problemAt(1, 1), undefined)).toBe('');
  expect(shown('a: 1', problemAt(9, 1), 80)).toBe('');
});
