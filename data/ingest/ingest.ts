import type { CheckedConfig } from '../../config/checked.ts';
import { AppError } from '../../foundation/errors.ts';
import type { RowSink, Store } from '../../orchestrator/features/source.ts';
import { openRowFile } from '../open-file.ts';
import type { OnProgress } from '../progress.ts';
import type { Chunk, RowFile } from '../rows.ts';
import { openRowReader, type BadRow, type ReadRow } from './row-reader.ts';
import { findTarget } from './target.ts';

export interface IngestOptions {
  checked: CheckedConfig;
  /** A view, or a table that views read. */
  view: string;
  files: readonly string[];
  /** The open store of the view. */
  store: Store;
  /** Told after each batch, and at the end. */
  onProgress?: OnProgress;
  /** How many bad cells are listed; all bad rows are counted. Default 100. */
  maxErrors?: number;
  signal: AbortSignal;
}

export interface IngestResult {
  rows: number;
  written: number;
  bad: number;
  listed: BadRow[];
  /** Columns that are neither key, field nor `_ts`, by file. */
  ignored: { file: string; columns: readonly string[] }[];
}

/**
 * Rows of one write, one transaction and one flush: enough that the flush is no cost, and a table of this size is
 * written whole or not at all.
 */
const BATCH_ROWS = 32_768;

/**
 * Writes the rows of files into the table of a view. Bad rows are left out, counted and listed; the others are written,
 * so that a mended file can simply be ingested again. Throws INVALID_INPUT where the files do not fit the view at all.
 */
export async function ingest(options: IngestOptions): Promise<IngestResult> {
  const { checked, view, files, store, signal } = options;
  const target = findTarget(checked, view);
  const sink = store.sink(target.table);
  const result: IngestResult = { rows: 0, written: 0, bad: 0, listed: [], ignored: [] };
  const opened: RowFile[] = [];
  let totalRows: number | undefined;
  try {
    for (const file of files) opened.push(await openRowFile(file));
    const readers = opened.map((rowFile, at) => openRowReader(files[at], rowFile.columns, target));
    totalRows = sumOf(opened.map((rowFile) => rowFile.totalRows));
    for (const [at, rowFile] of opened.entries()) {
      const file = files[at];
      const reader = readers[at];
      if (reader.ignored.length > 0) result.ignored.push({ file, columns: reader.ignored });
      const badPlaces = new Set<number>();
      const onBad = (place: number, column: string | undefined, problem: string): void => {
        if (!badPlaces.has(place)) result.bad++;
        badPlaces.add(place);
        const { listed } = result;
        if (listed.length < (options.maxErrors ?? 100)) {
          listed.push({ file, unit: rowFile.unit, place, column, problem });
        }
      };
      for await (const chunks of batchesOf(rowFile.chunks())) {
        const rows = chunks.flatMap((chunk) => reader.read(chunk, onBad));
        result.written += await writeRows(sink, rows, signal, (place, problem) => onBad(place, undefined, problem));
        result.rows += chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
        badPlaces.clear();
        options.onProgress?.({ rows: result.rows, totalRows, done: false });
      }
    }
    return result;
  } finally {
    options.onProgress?.({ rows: result.rows, totalRows, done: true });
    for (const rowFile of opened) rowFile.close();
  }
}

/** Chunks gathered up to a batch. While one is written, the next is not yet read: memory holds one. */
async function* batchesOf(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk[]> {
  let batch: Chunk[] = [];
  let rows = 0;
  for await (const chunk of chunks) {
    batch.push(chunk);
    rows += chunk.rows;
    if (rows < BATCH_ROWS) continue;
    yield batch;
    batch = [];
    rows = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Writes a batch; where the store refuses a row of it (a key too long), one by one, so that only that row is bad. */
async function writeRows(
  sink: RowSink,
  rows: readonly ReadRow[],
  signal: AbortSignal,
  onBad: (place: number, problem: string) => void,
): Promise<number> {
  try {
    const batch = rows.map(({ row }) => row);
    await sink.write(batch, { signal });
    return rows.length;
  } catch (error) {
    const [first] = rows;
    if (!(error instanceof AppError) || error.code !== 'INVALID_INPUT' || !first) throw error;
    if (rows.length === 1) {
      onBad(first.place, error.message);
      return 0;
    }
    const middle = rows.length >> 1;
    const written = await writeRows(sink, rows.slice(0, middle), signal, onBad);
    return written + (await writeRows(sink, rows.slice(middle), signal, onBad));
  }
}

function sumOf(counts: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const count of counts) {
    if (count === undefined) return undefined;
    sum += count;
  }
  return sum;
}
