import { Option, type Command } from 'commander';
import type { CheckedConfig, LoadResult, Problem } from '../config/checked.ts';
import { loadConfig } from '../config/load.ts';
import { gathered } from './flag-values.ts';
import { countProblems } from './problem-count.ts';
import { shownFile } from './shown-place.ts';
import { problemLine } from './terminal.ts';

/** Every command that reads a YAML takes overlays with it. */
export interface OverlayFlags {
  file: string[];
}

/** Adds `-f`: what `serve base.yaml -f prod.yaml` runs, `check` and `explain` say the same way. */
export function withOverlays(command: Command, over = 'it'): Command {
  return command.addOption(overlayOption('-f, --file <overlay>', over));
}

/** An option that lays YAMLs over another, in their order. */
export function overlayOption(flags: string, over: string): Option {
  return new Option(flags, `a YAML merged over ${over}; may be given again`).default([], 'none').argParser(gathered);
}

/** The checked configuration of `file`; its problems go to stderr, and with an error among them the command exits 1. */
export function loadOrExit(file: string, overlays: readonly string[] = []): CheckedConfig {
  return checkedOrExit(file, loadConfig(file, process.env, overlays));
}

/** The same of what was read. */
export function checkedOrExit(file: string, { checked, problems }: LoadResult): CheckedConfig {
  tellProblems(problems);
  if (checked) return checked;
  process.stderr.write(`${shownFile(file, process.cwd())}: ${countProblems(problems)}.\n`);
  process.exit(1);
}

/** Each as a line on stderr. */
export function tellProblems(problems: readonly Problem[]): void {
  for (const problem of problems) process.stderr.write(`${problemLine(process.stderr, problem, process.cwd())}\n`);
}
