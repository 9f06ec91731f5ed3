import type { Chunk } from '../rows.ts';
import type { MatchedSource } from './match-sources.ts';
import { behindTheSame, RowDigest } from './row-digest.ts';
import type { ReadRows, RowReader } from './row-reader.ts';

/** Rows that are read together and written together. */
export interface RowBatch extends ReadRows {
  /** Rows that were read, bad ones too. */
  rows: number;
  /** Up to where the data is read with this batch. */
  end: Position;
  /** The share of its source that is read then, 0 to 1, where that is known. */
  share: number | undefined;
}

/** A place in the data: behind so many rows of a source, which is given by its index. */
export interface Position {
  source: number;
  rows: number;
  /** Of rows whose source has no size and no date: a digest of them all. */
  digest?: string;
}

/**
 * Rows of one write, one transaction and one flush: enough that the flush is no cost, and a table of this size is
 * written whole or not at all.
 */
export const BATCH_ROWS = 32_768;
/** Characters of keys and texts in one write: long texts make shorter batches, for two of them are in memory. */
const BATCH_CHARACTERS = 32 * 1024 * 1024;

export interface BatchesOptions {
  sources: readonly MatchedSource[];
  from: Position;
  batchRows: number;
  /** Whether positions in rows without size and date are to be told from others: they are digested. */
  hasCheckpoint: boolean;
  signal: AbortSignal;
}

/** Reads the sources one after the other, from a position on. A batch is of one source. */
export async function* batchesOf(options: BatchesOptions): AsyncGenerator<RowBatch> {
  for (const [at, { source, reader }] of options.sources.entries()) {
    if (at < options.from.source) continue;
    const from = at === options.from.source ? options.from : { source: at, rows: 0 };
    const rowFile = await source.open();
    try {
      const digest = options.hasCheckpoint && source.bytes === undefined ? new RowDigest() : undefined;
      const reading = { wanted: reader.used, signal: options.signal };
      const chunks = digest
        ? behindTheSame(rowFile.chunks(reading), digest, from.rows, from.digest ?? '')
        : rowFile.chunks({ ...reading, from: from.rows });
      yield* gather(chunks, reader, from, digest, options.batchRows);
    } finally {
      rowFile.close();
    }
  }
}

async function* gather(
  chunks: AsyncIterable<Chunk>,
  reader: RowReader,
  { source, rows: skipped }: Position,
  digest: RowDigest | undefined,
  batchRows: number,
): AsyncGenerator<RowBatch> {
  let rowsOfSource = skipped;
  const ended = (batch: OpenBatch): RowBatch => {
    rowsOfSource += batch.rows;
    return { ...batch, end: { source, rows: rowsOfSource, ...(digest && { digest: digest.value }) } };
  };
  let batch = emptyBatch();
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.rows;) {
      const to = Math.min(chunk.rows, from + batchRows - batch.rows);
      const { good, bad, characters } = reader.read(chunk, from, to, batch.rows);
      digest?.take(chunk, from, to);
      for (const row of good) batch.good.push(row);
      for (const row of bad) batch.bad.push(row);
      batch.characters += characters;
      batch.rows += to - from;
      batch.share = chunk.share;
      from = to;
      if (batch.rows < batchRows && batch.characters < BATCH_CHARACTERS) continue;
      yield ended(batch);
      batch = emptyBatch();
    }
  }
  if (batch.rows > 0) yield ended(batch);
}

type OpenBatch = Omit<RowBatch, 'end'>;

function emptyBatch(): OpenBatch {
  return { good: [], bad: [], characters: 0, rows: 0, share: undefined };
}
