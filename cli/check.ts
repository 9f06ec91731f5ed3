import { Command, Option } from 'commander';
import type { LoadResult, Problem } from '../config/checked.ts';
import { formatDuration } from '../foundation/duration.ts';
import { loadModels } from './check-load.ts';
import { printCheck } from './check-text.ts';
import { positiveDuration } from './flag-values.ts';
import { missingFunctionFiles } from './function-files.ts';
import { hostedFiles } from './hosted-files.ts';
import { withOverlays, type OverlayFlags } from './load.ts';
import { loadUnserved } from './load-unserved.ts';
import { sarifLog } from './sarif.ts';
import { watchFiles } from './watch-files.ts';

interface CheckOptions extends OverlayFlags {
  json?: boolean;
  sarif?: boolean;
  watch?: boolean;
  strict?: boolean;
  load?: boolean;
  loadTimeout: number;
}

/** A model of some GB takes its time from a disk; one that hangs should not take an afternoon. */
const LOAD_TIMEOUT_MS = 120_000;

const HELP = `
Exit codes: 0 in order, 1 an error (with --strict also a warning), 2 wrong usage.

Examples:
  $ tandem check examples/flights/tandem.yaml
  $ tandem check examples/flights/tandem.yaml --load
`;

export function checkCommand(): Command {
  return withOverlays(new Command('check'))
    .description('Name every problem of a tandem.yaml, each at its place. Runs no user code, unless --load says so.')
    .argument('<file>', 'the YAML')
    .addOption(new Option('--json', 'one JSON array of problems on stdout').conflicts(['sarif', 'watch']))
    .addOption(new Option('--sarif', 'a SARIF 2.1.0 log on stdout, for code hosts').conflicts(['watch']))
    .option('--strict', 'warnings fail too')
    .option(
      '--load',
      'load each predictor and function, and compare what its model file says of its inputs with the features',
    )
    .addOption(
      new Option('--load-timeout <duration>', 'how long each predictor may take to load')
        .default(LOAD_TIMEOUT_MS, formatDuration(LOAD_TIMEOUT_MS))
        .argParser(positiveDuration('a duration is a number with its unit, longer than 0: 500ms, 30s, 2m.')),
    )
    .option('--watch', 'check again whenever a file of it changes')
    .addHelpText('after', HELP)
    .action(async (file: string, options: CheckOptions) => {
      if (options.watch) await watchAndCheck(file, options);
      else await checkOnce(file, options);
    });
}

/** Checks and tells. Gives what was read, for those who watch it. */
async function checkOnce(file: string, options: CheckOptions): Promise<LoadResult> {
  const result = loadUnserved(file, options.file);
  const { checked, problems } = result;
  const found = [
    ...problems,
    ...(checked ? missingFunctionFiles(checked) : []),
    ...(options.load && checked ? await loadModels(checked, file, options.file, options.loadTimeout) : []),
  ];
  if (options.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else if (options.sarif) process.stdout.write(`${JSON.stringify(sarifLog(found, process.cwd()), null, 2)}\n`);
  else printCheck({ file, checked, problems: found, isLoaded: options.load === true });
  process.exitCode = fails(found, options.strict === true) ? 1 : 0;
  return result;
}

function fails(problems: readonly Problem[], strict: boolean): boolean {
  return problems.some(({ severity }) => strict || severity === 'error');
}

/** Until the process is told to end. A change while a check runs (a predictor may take its time) is checked after it. */
async function watchAndCheck(file: string, options: CheckOptions): Promise<void> {
  let hasChanged = false;
  let isChecking = true;
  const check = async (): Promise<void> => {
    do {
      hasChanged = false;
      const result = await checkOnce(file, options);
      const files = [...result.files, ...(options.load && result.checked ? hostedFiles(result.checked) : [])];
      watch.update(files);
      process.stderr.write(`watching ${files.length} ${files.length === 1 ? 'file' : 'files'}; Ctrl-C ends it\n`);
    } while (hasChanged);
    isChecking = false;
  };
  const watch = watchFiles([file], () => {
    hasChanged = true;
    if (isChecking) return;
    isChecking = true;
    void check();
  });
  await check();
}
