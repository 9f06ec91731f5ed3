import { isAbsolute, relative } from 'node:path';
import type { Problem } from './checked.ts';

/** A problem as one line, `file:line:col severity CODE message`; the file relative to `cwd` where it is below it. */
export function formatProblem(problem: Problem, cwd?: string): string {
  const { file, line, column, severity, code, message } = problem;
  return `${cwd === undefined ? file : shortPath(file, cwd)}:${line}:${column} ${severity} ${code} ${message}`;
}

/** A path relative to `cwd` where it is below it; a relative one as it is. */
export function shortPath(file: string, cwd: string): string {
  if (!isAbsolute(file)) return file;
  const below = relative(cwd, file);
  return below.startsWith('..') || isAbsolute(below) ? file : below;
}
