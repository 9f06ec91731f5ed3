import { Broken } from './broken.ts';
import type { LoadResult } from './checked.ts';
import type { Environment } from './environment.ts';
import { Files } from './files.ts';
import { Places } from './places.ts';
import { Problems } from './problems.ts';
import { Report } from './report.ts';
import { resolveConfig } from './resolve.ts';
import { readShape } from './shape.ts';

/**
 * Reads a tandem.yaml, with `overlays` merged over it in their order, and checks it: all its problems, file by file in
 * their order, and the configuration unless one of them is an error. Every problem that can be known is told in one
 * pass: what cannot be read is left out, and the rest is checked without it. Never throws.
 */
export function loadConfig(file: string, environment: Environment, overlays: readonly string[] = []): LoadResult {
  return load(file, environment, overlays);
}

/** The same of a text, as if `file` held it. */
export function parseConfig(text: string, file: string, environment: Environment): LoadResult {
  return load(file, environment, [], text);
}

function load(file: string, environment: Environment, overlays: readonly string[], text?: string): LoadResult {
  const problems = new Problems();
  const broken = new Broken();
  const files = new Files(environment, problems, broken);
  const tree = files.readMerged(file, overlays, text);
  const report = tree && new Report(new Places(tree.entry), broken, problems);
  const config = tree && report && readShape(tree.data, report);
  const checked = config && report && resolveConfig(config, { file, files, report, environment });
  return {
    checked: problems.hasErrors ? undefined : checked,
    problems: problems.sorted(files.read),
    files: files.read,
  };
}
