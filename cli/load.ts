import { relative } from 'node:path';
import type { CheckedConfig } from '../config/checked.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/print.ts';

/** The checked configuration of `file`; its problems go to stderr, and with an error among them the command exits 1. */
export function loadOrExit(file: string): CheckedConfig {
  const { checked, problems } = loadConfig(file, process.env);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem, process.cwd())}\n`);
  if (checked) return checked;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const shown = relative(process.cwd(), file) || file;
  process.stderr.write(`${shown} has ${errors} ${errors === 1 ? 'problem' : 'problems'}.\n`);
  process.exit(1);
}
