import { AppError } from '../../foundation/errors.ts';
import type { RowSink } from '../../orchestrator/features/source.ts';
import type { BadRow } from './bad-rows.ts';
import type { ReadRow } from './row-reader.ts';

/** A store that rows are written to, and how many were. */
export interface StoreWrites {
  name: string;
  /** Rows put in place. */
  written: number;
  /** Rows left out because the one in place is newer. */
  kept: number;
}

export interface NamedSink {
  sink: RowSink;
  writes: StoreWrites;
}

/**
 * Writes rows to each of the sinks, at once, and gives those that one of them refused: all others are durable then.
 * Throws what a store fails of, when the others have ended what they do.
 */
export async function writeBatch(
  sinks: readonly NamedSink[],
  rows: readonly ReadRow[],
  signal: AbortSignal,
): Promise<BadRow[]> {
  const refused = new Map<number, BadRow>();
  const writing = sinks.map(async ({ sink, writes }) => {
    const onRefused = (row: ReadRow, problem: string): void => {
      const where = sinks.length > 1 ? `the store "${writes.name}" does not take it: ` : '';
      refused.set(row.at, row.refused(where + problem));
    };
    const { taken, written } = await writeRows(sink, rows, signal, onRefused);
    writes.written += written;
    writes.kept += taken - written;
  });
  const failed = (await Promise.allSettled(writing)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return Array.from(refused)
    .sort(([a], [b]) => a - b)
    .map(([, row]) => row);
}

/** Where the store refuses a row (a key too long), the rows are parted until it stands alone, so that only that one is bad. */
async function writeRows(
  sink: RowSink,
  rows: readonly ReadRow[],
  signal: AbortSignal,
  onRefused: (row: ReadRow, problem: string) => void,
): Promise<{ taken: number; written: number }> {
  const [first] = rows;
  if (!first) return { taken: 0, written: 0 };
  try {
    const written = await sink.write(
      rows.map(({ row }) => row),
      { signal },
    );
    return { taken: rows.length, written };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'INVALID_INPUT') throw error;
    if (rows.length === 1) {
      onRefused(first, error.message);
      return { taken: 0, written: 0 };
    }
    const middle = rows.length >> 1;
    const before = await writeRows(sink, rows.slice(0, middle), signal, onRefused);
    const behind = await writeRows(sink, rows.slice(middle), signal, onRefused);
    return { taken: before.taken + behind.taken, written: before.written + behind.written };
  }
}
