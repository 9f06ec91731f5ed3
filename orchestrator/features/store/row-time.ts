import { parseTimestampMs } from '../../../foundation/timestamp.ts';
import { RowBlock } from '../row-block.ts';
import type { Row } from '../source.ts';
import { TIMESTAMP_FIELD } from './json-row.ts';
import type { DecodeRow } from './row-encoding.ts';

/** When a row to write was true, epoch ms; NaN where it does not say. */
export function rowTimeMs({ values, timestampMs }: Row): number {
  if (timestampMs !== undefined) return timestampMs;
  const text = values[TIMESTAMP_FIELD];
  return typeof text === 'string' ? parseTimestampMs(text) : Number.NaN;
}

/**
 * When a row in a store was true, epoch ms, by a decoder of no field; NaN, which is later than nothing, where there is no
 * row, or one that says no time.
 */
export function storedTimeMs<Stored>(decode: DecodeRow<Stored>, stored: Stored | null | undefined): number {
  const block = new RowBlock([], 1);
  if (stored !== null && stored !== undefined) decode(stored, block, 0);
  return block.columns.timestampMs[0];
}
