import { Command } from 'commander';
import type { CheckedConfig } from '../config/checked.ts';
import type { Change } from '../orchestrator/plan/compare/change.ts';
import { compareConfigs } from '../orchestrator/plan/compare/compare-configs.ts';
import { modelsByRead } from '../orchestrator/plan/compare/readers.ts';
import { compilePlan } from '../orchestrator/plan/compile-plan.ts';
import { printChanges, type ToldChange } from './diff-text.ts';
import { overlayOption, tellProblems, withOverlays, type OverlayFlags } from './load.ts';
import { loadUnserved } from './load-unserved.ts';

const BREAKING_EXIT = 3;

const HELP = `
Exit codes: 0 nothing breaks, 3 something does, 1 a file does not check, 2 wrong usage.

Example:
  $ tandem diff examples/flights/tandem.yaml examples/flights/onnx.yaml
`;

interface DiffOptions extends OverlayFlags {
  oldFile: string[];
  json?: boolean;
}

export function diffCommand(): Command {
  return withOverlays(new Command('diff'), '<new>')
    .description('Show what changes for callers, models and stored rows from one tandem.yaml to another.')
    .argument('<old>', 'the YAML as it is')
    .argument('<new>', 'the YAML as it is going to be')
    .addOption(overlayOption('--old-file <overlay>', '<old>'))
    .option('--json', 'one JSON object on stdout: {"breaking", "changes"}')
    .addHelpText('after', HELP)
    .action((oldFile: string, newFile: string, { oldFile: oldOverlays, file: overlays, json }: DiffOptions) => {
      const before = checkedOrTold(oldFile, oldOverlays);
      const after = checkedOrTold(newFile, overlays);
      if (before === undefined || after === undefined) {
        process.exitCode = 1;
        return;
      }
      const changes = tellChanges(before, after);
      const breaking = changes.some(({ breaks }) => breaks !== null);
      const told = json
        ? `${JSON.stringify({ breaking, changes }, null, 2)}\n`
        : printChanges(changes, process.stdout, process.cwd());
      process.stdout.write(told);
      process.exitCode = breaking ? BREAKING_EXIT : 0;
    });
}

/** Warnings are for `tandem check`: here the question is another. */
function checkedOrTold(file: string, overlays: readonly string[]): CheckedConfig | undefined {
  const { checked, problems } = loadUnserved(file, overlays);
  if (checked) return checked;
  tellProblems(problems.filter(({ severity }) => severity === 'error'));
  return undefined;
}

/** Every change with its place in the new file, and the models that it reaches. */
function tellChanges(before: CheckedConfig, after: CheckedConfig): ToldChange[] {
  const plans = { before: compilePlan(before), after: compilePlan(after) };
  const readers = modelsByRead([plans.before, plans.after]);
  return compareConfigs({ before, after, plans }).map(({ breaks = null, path, message }) => ({
    breaks,
    about: aboutOf(path),
    message,
    models: [...(readers.get(path.slice(0, path[0] === 'inputs' ? 3 : 2).join('.')) ?? [])],
    path: path.join('.'),
    ...after.place(path),
  }));
}

const SECTIONS: Readonly<Record<string, string>> = {
  stores: 'store',
  services: 'service',
  views: 'view',
  onDemand: 'on-demand feature',
  models: 'model',
};

function aboutOf([section = '', name]: Change['path']): string {
  const named = SECTIONS[section];
  return named === undefined ? String(section) : `${named} ${name}`;
}
