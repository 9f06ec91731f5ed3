import { Command, InvalidArgumentError } from 'commander';
import type { IngestResult } from '../data/ingest/ingest.ts';
import { AppError } from '../foundation/errors.ts';
import { loadOrExit, type OverlayFlags, withOverlays } from './load.ts';
import { progressBar } from './progress.ts';

interface IngestFlags extends OverlayFlags {
  view: string;
  stateDir?: string;
  maxErrors: number;
}

export function ingestCommand(): Command {
  return withOverlays(new Command('ingest'))
    .description("Write the rows of CSV, Parquet and JSONL files into a view's store.")
    .argument('<file>', 'the YAML')
    .argument('<data...>', 'data files; columns are matched by name: key parts, fields and _ts')
    .requiredOption('--view <view>', 'the view, or the table, that the rows are for')
    .option('--state-dir <dir>', 'folder of stores and sockets')
    .option('--max-errors <count>', 'how many problems of bad rows are listed', wholeNumber, 100)
    .addHelpText(
      'after',
      '\nExample:\n  $ tandem ingest examples/flights/tandem.yaml --view plane examples/flights/data/planes.parquet\n' +
        '\nExits 0, 1 where rows were bad (they are listed, the others written), 2 where the files do not fit the view.\n',
    )
    .action(async (file: string, files: string[], flags: IngestFlags) => {
      try {
        const result = await runIngest(file, files, flags);
        report(result);
        process.exitCode = result.bad > 0 ? 1 : 0;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'INVALID_INPUT') throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 2;
      }
    });
}

async function runIngest(file: string, files: readonly string[], flags: IngestFlags): Promise<IngestResult> {
  const checked = loadOrExit(file, flags.file);
  // Loaded here, not above: `tandem check` and `--help` open no store.
  const { ingest } = await import('../data/ingest/ingest.ts');
  const { findTarget } = await import('../data/ingest/target.ts');
  const { openStore } = await import('../orchestrator/features/store/open-store.ts');
  const { stateFolder } = await import('../orchestrator/deployment.ts');
  const target = findTarget(checked, flags.view);
  const stateDir = stateFolder(checked, flags.stateDir);
  const store = await openStore(target.store, checked, stateDir, { now: () => performance.now(), random: Math.random });
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  try {
    const onProgress = progressBar(process.stderr);
    const { view, maxErrors } = flags;
    return await ingest({ checked, view, files, store, maxErrors, onProgress, signal: stop.signal });
  } finally {
    process.off('SIGINT', onSignal);
    await store.close();
  }
}

function report({ rows, written, bad, listed, ignored }: IngestResult): void {
  for (const { file, unit, place, column, problem } of listed) {
    const where = column === undefined ? '' : ` column ${column}:`;
    process.stderr.write(`${file} ${unit} ${place}:${where} ${problem}\n`);
  }
  for (const { file, columns } of ignored) process.stderr.write(`${file}: not read: ${columns.join(', ')}\n`);
  const told = bad > 0 ? `, ${bad} bad` : '';
  process.stdout.write(`${written} of ${rows} rows written${told}.\n`);
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('it is a whole number.');
  return number;
}
