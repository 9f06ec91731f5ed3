import { readFileSync } from 'node:fs';
import type { CheckedConfig, Problem } from '../config/checked.ts';
import { countProblems, plural } from './problem-count.ts';
import { shownFile } from './shown-place.ts';
import { problemLine, styled, terminalColumns, type Output } from './terminal.ts';

export interface CheckOutcome {
  file: string;
  checked: CheckedConfig | undefined;
  problems: readonly Problem[];
  /** Whether models were loaded and compared too. */
  isLoaded: boolean;
}

/**
 * The problems on stdout, a line each, and on a terminal the line of the file with a caret below it. What is more than
 * problems goes where it does not stand in the way of who reads lines: the count to stderr.
 */
export function printCheck({ file, checked, problems, isLoaded }: CheckOutcome): void {
  const folder = process.cwd();
  const lineOf = sourceLines();
  for (const problem of problems) {
    const line = problemLine(process.stdout, problem, folder);
    process.stdout.write(`${line}\n${snippet(process.stdout, problem, lineOf)}`);
  }
  const shown = shownFile(file, folder);
  if (problems.length > 0) {
    process.stderr.write(`${shown}: ${countProblems(problems)}.\n`);
  } else if (checked) {
    const { models, views, onDemand } = checked.config;
    const counts = [count(models, 'model'), count(views, 'view'), count(onDemand, 'on-demand feature')];
    process.stdout.write(`${shown} is in order${isLoaded ? ', and its models fit' : ''}: ${counts.join(', ')}.\n`);
  }
}

/** The problem's line of the file and a caret under its column; empty where the output is no terminal. */
export function snippet(
  output: Output,
  { file, line, column }: Problem,
  lineOf: (file: string, line: number) => string | undefined,
): string {
  const columns = terminalColumns(output);
  const source = columns === undefined ? undefined : lineOf(file, line);
  if (columns === undefined || source === undefined || source.trim() === '') return '';
  const gutter = `${line}`.padStart(5);
  const width = Math.max(20, columns - gutter.length - 4);
  // A line longer than the terminal is shown from where the caret is near its middle.
  const from =
    source.length <= width ? 0 : Math.max(0, Math.min(column - 1 - Math.floor(width / 2), source.length - width));
  const shown = source.slice(from, from + width);
  // Tabs stay tabs, so that the caret stands where the terminal shows the character.
  const indent = shown.slice(0, column - 1 - from).replaceAll(/[^\t]/g, ' ');
  const bar = styled(output, 'dim', `${gutter} |`);
  const blank = styled(output, 'dim', `${' '.repeat(gutter.length)} |`);
  return `${bar} ${shown}\n${blank} ${indent}${styled(output, 'bold', '^')}\n`;
}

/** Lines of files, each file read once; undefined for what cannot be read, which is a problem that has been told. */
function sourceLines(): (file: string, line: number) => string | undefined {
  const files = new Map<string, string[]>();
  return (file, line) => {
    let lines = files.get(file);
    if (lines === undefined) {
      lines = readLines(file);
      files.set(file, lines);
    }
    return lines[line - 1];
  };
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
  } catch {
    return [];
  }
}

function count(names: object, what: string): string {
  return plural(Object.keys(names).length, what);
}
