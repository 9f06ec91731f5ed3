import type { RowSink } from '../../orchestrator/features/source.ts';
import { writeRows } from '../write-rows.ts';
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
