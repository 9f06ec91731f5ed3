import { createHash } from 'node:crypto';
import { Command, Option } from 'commander';
import type { CheckedConfig } from '../config/checked.ts';
import { identityOf } from '../config/secret.ts';
import type { IngestOptions, IngestResult } from '../data/ingest/ingest.ts';
import { AppError } from '../foundation/errors.ts';
import { durationMs, gathered, gatheredPair, wholeNumber } from './flag-values.ts';
import { ingestJson, tellIngest } from './ingest-report.ts';
import { loadOrExit, type OverlayFlags, withOverlays } from './load.ts';
import { openStores } from './open-stores.ts';
import { progressBar } from './progress.ts';
import { exitCodeOf, stopSignals, type StopSignal } from './stop-signals.ts';
import { exitTwoOn } from './usage-error.ts';

interface IngestFlags extends OverlayFlags {
  view: string;
  sql?: string;
  store: string[];
  map: ReadonlyMap<string, string>;
  newest?: boolean;
  expiry?: number;
  maxErrors: number;
  rejects?: string;
  checkpoint?: string;
  dryRun?: boolean;
  json?: boolean;
  stateDir?: string;
}

export function ingestCommand(): Command {
  return withOverlays(new Command('ingest'))
    .description("Write the rows of CSV, Parquet, JSONL and Arrow files, or of SQL, into a view's store.")
    .argument('<file>', 'the YAML')
    .argument('[data...]', 'data files, or patterns of them; columns are matched by name: key parts, fields and _ts')
    .requiredOption('--view <view>', 'the view, or the table, that the rows are for')
    .option('--sql <select>', 'rows that DuckDB selects, in place of files')
    .addOption(
      new Option('--store <name>', "a store to write to, in place of the view's; may be given again")
        .default([], "the view's")
        .argParser(gathered),
    )
    .addOption(
      new Option('--map <field=column>', 'what the data calls a field, a key part or _ts; may be given again')
        .default(new Map(), 'their own names')
        .argParser(gatheredPair),
    )
    .option('--newest', 'leave a row in place whose _ts is later than the new one')
    .option('--expiry <duration>', 'rows vanish so long after they are written (30d)', durationMs)
    .option('--max-errors <count>', 'how many rows may be bad; at one more it ends', wholeNumber, 100)
    .option('--rejects <file>', 'write bad rows to a file, as JSONL')
    .option('--checkpoint <file>', 'go on by this file where an earlier run ended')
    .option('--dry-run', 'read and check all, write nothing, open no store')
    .option('--json', 'print what was done as JSON')
    .option('--state-dir <dir>', 'folder of stores and sockets')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ tandem ingest examples/flights/tandem.yaml --view plane examples/flights/data/planes.parquet\n' +
        `  $ tandem ingest examples/flights/tandem.yaml --view plane --sql "FROM 'examples/flights/data/planes.parquet' WHERE year > 1990"\n` +
        '\nExits 0; 1 where rows were bad (they are listed, the others written) or a store failed; 2 where the data does not\n' +
        'fit the view; 130 or 143 where SIGINT or SIGTERM ended it, behind the batch under way.\n',
    )
    .action((file: string, files: string[], flags: IngestFlags) => exitTwoOn(() => runIngest(file, files, flags)));
}

async function runIngest(file: string, files: readonly string[], flags: IngestFlags): Promise<void> {
  const data = dataOf(files, flags);
  const checked = loadOrExit(file, flags.file);
  // Loaded here, not above: `tandem check` and `--help` read no data.
  const { ingest } = await import('../data/ingest/ingest.ts');
  const { findTarget } = await import('../data/ingest/target.ts');
  const { stateFolder } = await import('../orchestrator/deployment.ts');
  const target = findTarget(checked, flags.view);
  const names = flags.store.length === 0 ? [target.store] : [...new Set(flags.store)];
  const stateDir = stateFolder(checked, flags.stateDir);
  await using opened = await openStores(checked, names, stateDir, { isOpened: () => !flags.dryRun });
  using signals = stopSignals();
  const startMs = performance.now();
  const result = await ingest({
    checked,
    view: flags.view,
    data,
    stores: opened.stores,
    names: flags.map,
    maxErrors: flags.maxErrors,
    ...optionsOf(flags, checked, stateDir),
    onProgress: progressBar(process.stderr),
    stop: signals.stop,
    signal: new AbortController().signal,
  });
  const seconds = (performance.now() - startMs) / 1000;
  if (flags.json) process.stdout.write(`${JSON.stringify(ingestJson(result, seconds), null, 2)}\n`);
  else tellIngest(result, { seconds, signal: signals.received, ...flags });
  process.exitCode = exitOf(result, signals.received);
}

function dataOf(files: readonly string[], { sql, dryRun, checkpoint }: IngestFlags): IngestOptions['data'] {
  if (dryRun && checkpoint !== undefined) {
    throw new AppError(
      'INVALID_INPUT',
      'A dry run writes nothing, and has nothing to go on with: leave --checkpoint out.',
    );
  }
  if ((sql === undefined) === (files.length === 0)) {
    throw new AppError('INVALID_INPUT', 'Rows come from data files or from --sql: give one of the two.');
  }
  return sql === undefined ? { files } : { sql };
}

function optionsOf(flags: IngestFlags, checked: CheckedConfig, stateDir: string): Partial<IngestOptions> {
  const { newest = false, expiry: expiryMs, rejects, checkpoint } = flags;
  return {
    sink: { newest, ...(expiryMs === undefined ? {} : { expiryMs }) },
    ...(rejects === undefined ? {} : { rejects }),
    ...(checkpoint === undefined ? {} : { checkpoint: { file: checkpoint, identity: placeOf(checked, stateDir) } }),
  };
}

/** Where rows go, without saying it: a checkpoint holds no path and no secret. */
function placeOf({ config: { project, stores } }: CheckedConfig, stateDir: string): Record<string, string> {
  const digest = createHash('sha256').update(identityOf([project, stores, stateDir]));
  return { 'project, stores or state folder': digest.digest('hex').slice(0, 12) };
}

function exitOf({ bad, ended }: IngestResult, signal: StopSignal | undefined): number {
  if (ended === 'stopped' && signal) return exitCodeOf(signal);
  return bad > 0 ? 1 : 0;
}
