import { resolve } from 'node:path';
import type { CheckedConfig } from '../../config/checked.ts';
import { AppError } from '../../foundation/errors.ts';
import type { SinkOptions, Store } from '../../orchestrator/features/source.ts';
import type { OnProgress } from '../progress.ts';
import { readAhead } from '../read-ahead.ts';
import { BadRows, type BadRow } from './bad-rows.ts';
import { BATCH_ROWS, batchesOf, type RowBatch } from './batches.ts';
import { Checkpoint, type IngestIdentity } from './checkpoint.ts';
import { dataSources, type Data, type DataSource } from './data-sources.ts';
import { expectedRows } from './expected-rows.ts';
import { identityOfIngest } from './ingest-identity.ts';
import { matchSources, type MatchedSource } from './match-sources.ts';
import { Rejects } from './rejects.ts';
import type { ColumnNames } from './row-reader.ts';
import { findTarget } from './target.ts';
import { writeBatch, type NamedSink, type StoreWrites } from './write-batch.ts';

export interface IngestOptions {
  checked: CheckedConfig;
  /** A view, or a table that views read. */
  view: string;
  data: Data;
  /** The open stores to write to, by name. With none, all is done but writing. */
  stores: ReadonlyMap<string, Store>;
  /** How the stores write. Default: each row in the place of what is there, to stay. */
  sink?: SinkOptions;
  /** What files call columns that the view calls otherwise. */
  names?: ColumnNames;
  /** How many rows may be bad; at one more the ingest ends, with the rows before that one written. Default: any number. */
  maxErrors?: number;
  /** Where bad rows are written, as JSONL. */
  rejects?: string;
  /** The file to go on by, and what the ingest must be the same in beside what it is given here. */
  checkpoint?: { file: string; identity: IngestIdentity };
  /** Rows of a write. Default 32,768. */
  batchRows?: number;
  /** Told after each batch, and at the end. Rows are those of this run. */
  onProgress?: OnProgress;
  /** Asks for an end behind the batch under way. */
  stop?: AbortSignal;
  /** Ends at once, CANCELLED; the batch under way may be written or not. */
  signal: AbortSignal;
}

export interface IngestResult {
  /** Rows read, bad ones too, with those of the runs that a checkpoint goes on with. */
  rows: number;
  /** Rows among them that were read before. */
  resumed: number;
  bad: number;
  /** The first 100 bad rows of this run. */
  listed: BadRow[];
  stores: StoreWrites[];
  /** Columns that are neither key, field nor `_ts`, by file. */
  ignored: { file: string; columns: readonly string[] }[];
  /** Why it ended: all is read, bad rows were too many, or it was asked to. */
  ended: 'done' | 'too many bad rows' | 'stopped';
}

/**
 * Writes rows into the table of a view. Bad rows are left out, counted and listed; the others are written, so that a
 * mended file can simply be ingested again. While a batch is written the next is read, and no further. Throws
 * INVALID_INPUT where the data does not fit the view at all, and what a store fails of.
 */
export async function ingest(options: IngestOptions): Promise<IngestResult> {
  const target = findTarget(options.checked, options.view);
  const sinks = Array.from(options.stores, ([name, store]): NamedSink => ({
    sink: store.sink(target.table, options.sink),
    writes: { name, written: 0, kept: 0 },
  }));
  const sources = await dataSources(options.data, { isRepeatable: options.checkpoint !== undefined });
  const { names, sink, checkpoint: going } = options;
  const matched = await matchSources(sources, target, { names, needsTime: sink?.newest ?? false });
  const identity = { ...identityOfIngest(options, target, sources), ...going?.identity };
  const checkpoint = going && (await Checkpoint.open(going.file, identity));
  for (const { writes } of sinks) {
    Object.assign(
      writes,
      checkpoint?.reached?.stores.find(({ name }) => name === writes.name),
    );
  }
  const rejects = await openRejects(options.rejects, sources, checkpoint);
  try {
    return await run(options, { sources: matched, sinks, checkpoint, rejects });
  } finally {
    await rejects?.close();
  }
}

/** The file is emptied: what is being read, as the rejects of a run before may be, must not be lost by it. */
async function openRejects(
  file: string | undefined,
  sources: readonly DataSource[],
  checkpoint: Checkpoint | undefined,
): Promise<Rejects | undefined> {
  if (file === undefined) return undefined;
  if (sources.some(({ name }) => resolve(name) === resolve(file))) {
    throw new AppError('INVALID_INPUT', `--rejects ${file} is a file that is read: name another one.`);
  }
  return await Rejects.open(file, checkpoint?.reached);
}

interface Parts {
  sources: readonly MatchedSource[];
  sinks: readonly NamedSink[];
  checkpoint: Checkpoint | undefined;
  rejects: Rejects | undefined;
}

async function run(options: IngestOptions, { sources, sinks, checkpoint, rejects }: Parts): Promise<IngestResult> {
  const { signal, stop, onProgress } = options;
  const reached = checkpoint?.reached;
  const bad = new BadRows(options.maxErrors ?? Infinity, rejects, reached?.bad);
  const resumed = reached?.rows ?? 0;
  const stores = sinks.map(({ writes }) => writes);
  const result: IngestResult = {
    rows: resumed,
    resumed,
    bad: bad.count,
    listed: bad.listed,
    stores,
    ended: 'done',
    ignored: ignoredColumns(sources),
  };
  const batches = batchesOf({
    sources,
    from: reached?.end ?? { source: 0, rows: 0 },
    batchRows: options.batchRows ?? BATCH_ROWS,
    hasCheckpoint: checkpoint !== undefined,
    signal: stop ? AbortSignal.any([signal, stop]) : signal,
  });
  try {
    for await (const batch of readAhead(batches)) {
      if (stop?.aborted) break;
      await take(batch);
      const inAll = expectedRows(sources, result.rows, batch);
      const totalRows = inAll === undefined ? undefined : inAll - resumed;
      onProgress?.({ rows: result.rows - resumed, totalRows, done: false });
      if (bad.areTooMany) return { ...result, ended: 'too many bad rows' };
    }
  } catch (cause) {
    // A reading that the stop ended has an error of its own, which says nothing more.
    if (!stop?.aborted) throw afterRows(cause, result.rows, checkpoint !== undefined);
  } finally {
    onProgress?.({ rows: result.rows - resumed, totalRows: undefined, done: true });
  }
  if (stop?.aborted) return { ...result, ended: 'stopped' };
  await checkpoint?.remove();
  return result;

  /** Writes a batch, or what comes before the row that is one too many. */
  async function take(batch: RowBatch): Promise<void> {
    if (signal.aborted) throw new AppError('CANCELLED', 'The ingest was cancelled.');
    const last = batch.bad.at(bad.lastOf(batch.bad.length))?.at ?? Infinity;
    const good = batch.good.filter(({ at }) => at < last);
    const refused = await writeBatch(sinks, good, signal);
    await bad.add(batch.bad.flatMap(({ at, row }) => (at <= last ? [row] : [])));
    await bad.add(refused);
    result.rows += Math.min(batch.rows, last + 1);
    result.bad = bad.count;
    if (!checkpoint || bad.areTooMany) return;
    await rejects?.sync();
    const { rows } = result;
    await checkpoint.save({ end: batch.end, rows, bad: bad.count, rejectsBytes: rejects?.bytes ?? 0, stores });
  }
}

function ignoredColumns(sources: readonly MatchedSource[]): IngestResult['ignored'] {
  return sources.flatMap(({ source, reader: { ignored: columns } }) =>
    columns.length > 0 ? [{ file: source.name, columns }] : [],
  );
}

/** What ended an ingest, with what it had done by then. */
function afterRows(cause: unknown, rows: number, canGoOn: boolean): unknown {
  if (!(cause instanceof AppError) || rows === 0) return cause;
  const { code, message, details } = cause;
  const mend = canGoOn && code !== 'INVALID_INPUT' ? ', and the same command goes on behind them' : '';
  const told = `${message} The first ${rows.toLocaleString('en-US')} rows are written${mend}.`;
  return new AppError(code, told, { cause: cause.cause, details });
}
