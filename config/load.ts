import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LoadResult, Problem } from './checked.ts';
import { readDocument } from './document.ts';
import type { Environment } from './environment.ts';
import { resolveConfig } from './resolve.ts';
import type { Rule } from './rules.ts';
import { readShape } from './shape.ts';
import { readTree } from './tree.ts';

/**
 * Reads a tandem.yaml, with `overlays` merged over it in their order, and checks it. A file that cannot be read is a
 * problem too, at its beginning.
 */
export function loadConfig(file: string, environment: Environment, overlays: readonly string[] = []): LoadResult {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code: Rule = 'FILE_UNREADABLE';
    const message = unreadable((error as NodeJS.ErrnoException).code);
    const problem: Problem = { file, line: 1, column: 1, severity: 'error', code, message };
    return {
      checked: undefined,
      problems: [problem],
      files: [resolve(file), ...overlays.map((each) => resolve(each))],
    };
  }
  return parseConfig(text, file, environment);
}

/**
 * The text of a tandem.yaml, checked: its problems in the order of the file, and the configuration unless one of them
 * is an error. Every deviation from the shape is found in one pass; names, types and expressions are checked once the
 * shape is right.
 */
export function parseConfig(text: string, file: string, environment: Environment): LoadResult {
  const document = readDocument(text, file);
  const { report } = document;
  const files = [resolve(file)];
  if (report.hasErrors) return { checked: undefined, problems: report.problems, files };
  const config = readShape(readTree(document, environment), report);
  if (config === undefined || report.hasErrors) return { checked: undefined, problems: report.problems, files };
  const checked = resolveConfig(config, file, report, environment);
  return { checked: report.hasErrors ? undefined : checked, problems: report.problems, files };
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the file may not be read by this user',
  EISDIR: 'this is a folder; name the YAML file in it',
};

function unreadable(code = 'unknown reason'): string {
  return UNREADABLE[code] ?? `the file cannot be read (${code})`;
}
