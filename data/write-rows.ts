import { AppError } from '../foundation/errors.ts';
import type { Row, RowSink } from '../orchestrator/features/source.ts';

/** How many rows a sink took, and how many of them it put in place: the others it left for newer ones. */
export interface Written {
  taken: number;
  written: number;
}

/**
 * Writes rows. Where the sink refuses one (its key is too long), they are parted until it stands alone, so that only that
 * one is not written; it goes to `onRefused`. Throws what the store fails of.
 */
export async function writeRows<Item extends { row: Row }>(
  sink: RowSink,
  items: readonly Item[],
  signal: AbortSignal,
  onRefused: (item: Item, problem: string) => void,
): Promise<Written> {
  const [first] = items;
  if (!first) return { taken: 0, written: 0 };
  const rows = items.map(({ row }) => row);
  try {
    return { taken: rows.length, written: await sink.write(rows, { signal }) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'INVALID_INPUT') throw error;
    if (items.length === 1) {
      onRefused(first, error.message);
      return { taken: 0, written: 0 };
    }
    const middle = items.length >> 1;
    const before = await writeRows(sink, items.slice(0, middle), signal, onRefused);
    const behind = await writeRows(sink, items.slice(middle), signal, onRefused);
    return { taken: before.taken + behind.taken, written: before.written + behind.written };
  }
}
