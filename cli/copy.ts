import { Command, Option } from 'commander';
import type { CopyResult } from '../data/copy/copy.ts';
import { tellCopy } from './copy-report.ts';
import { durationMs, gathered } from './flag-values.ts';
import { loadOrExit, type OverlayFlags, withOverlays } from './load.ts';
import { openStores } from './open-stores.ts';
import { progressBar } from './progress.ts';
import { exitCodeOf, stopSignals, type StopSignal } from './stop-signals.ts';
import { exitTwoOn } from './usage-error.ts';

interface CopyFlags extends OverlayFlags {
  table: string[];
  newest?: boolean;
  expiry?: number;
  verify: boolean;
  dryRun?: boolean;
  json?: boolean;
  stateDir?: string;
}

export function copyCommand(): Command {
  return withOverlays(new Command('copy'))
    .description('Copy the rows of one store to another, and read them back.')
    .argument('<file>', 'the YAML')
    .argument('<from>', 'the store to copy')
    .argument('<to>', 'the store to copy to')
    .addOption(
      new Option('--table <table>', 'a table to copy; may be given again')
        .default([], 'all that views read from either')
        .argParser(gathered),
    )
    .option('--newest', 'leave a row in place whose _ts is later than the copied one')
    .option('--expiry <duration>', 'rows vanish so long after they are written (30d)', durationMs)
    .option('--no-verify', 'do not read each row back and compare it')
    .option('--dry-run', 'read all, write nothing, leave the second store closed')
    .option('--json', 'print what was done as JSON')
    .option('--state-dir <dir>', 'folder of stores and sockets')
    .addHelpText(
      'after',
      '\nExample:\n' +
        '  $ tandem copy examples/flights/tandem.yaml online spare -f examples/flights/spare.yaml\n' +
        '\nFields that no view declares are not copied. Exits 0; 1 where rows cannot be decoded or are read back otherwise\n' +
        '(they are listed, the others copied), or a store failed; 2 for stores and tables that the YAML does not know; 130\n' +
        'or 143 where SIGINT or SIGTERM ended it, behind the page under way.\n',
    )
    .action((file: string, from: string, to: string, flags: CopyFlags) =>
      exitTwoOn(() => runCopy(file, from, to, flags)),
    );
}

async function runCopy(file: string, from: string, to: string, flags: CopyFlags): Promise<void> {
  const checked = loadOrExit(file, flags.file);
  // Loaded here, not above: `tandem check` and `--help` open no store.
  const { copyTables } = await import('../data/copy/copy.ts');
  const { stateFolder } = await import('../orchestrator/deployment.ts');
  const { newest = false, expiry: expiryMs, verify, dryRun = false, table: tables } = flags;
  await using opened = await openStores(checked, [from, to], stateFolder(checked, flags.stateDir), {
    isOpened: (name) => name === from || !dryRun,
  });
  using signals = stopSignals();
  const startMs = performance.now();
  const store = opened.stores.get(to);
  const result = await copyTables({
    checked,
    from: { name: from, store: opened.stores.get(from)! },
    to: { name: to, ...(store === undefined ? {} : { store }) },
    tables,
    sink: { newest, ...(expiryMs === undefined ? {} : { expiryMs }) },
    verify,
    clock: { epochMs: Date.now, monotonicMs: () => performance.now() },
    onProgress: progressBar(process.stderr),
    stop: signals.stop,
    signal: new AbortController().signal,
  });
  const seconds = (performance.now() - startMs) / 1000;
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ ...result, seconds: Number(seconds.toFixed(3)) }, null, 2)}\n`);
  else tellCopy(result, { seconds, verify, dryRun, signal: signals.received });
  process.exitCode = exitOf(result, signals.received);
}

function exitOf({ tables, ended }: CopyResult, signal: StopSignal | undefined): number {
  if (ended === 'stopped' && signal) return exitCodeOf(signal);
  return tables.some(({ bad, differing }) => bad + differing > 0) ? 1 : 0;
}
