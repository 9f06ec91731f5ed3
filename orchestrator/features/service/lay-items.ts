import { RowBlock } from '../row-block.ts';
import type { FieldSpec } from '../source.ts';
import { Source } from '../../plan/column.ts';
import type { ServiceCounters } from './counters.ts';
import type { DecodeItem } from './item-decoder.ts';
import type { ReadItemKey } from './item-key.ts';

export interface ItemReading {
  fields: readonly FieldSpec[];
  readKey: ReadItemKey;
  decode: DecodeItem;
  counters: ServiceCounters;
  /** When the answer came, epoch ms. */
  fetchedMs: number;
}

/**
 * Lays the items of one answer out over the rows that its call asked for, by their keys. A key without an item is
 * NOT_FOUND. An item nobody asked for, or without a proper key, is passed over and counted. Two items of one key that
 * say the same are one; where they contradict each other neither can be believed, and the row is ERROR.
 */
export function layItems(
  items: readonly unknown[],
  asked: ReadonlyMap<string, number>,
  { fields, readKey, decode, counters, fetchedMs }: ItemReading,
  block: RowBlock,
): void {
  const laid = new Set<number>();
  const contradicted = new Set<number>();
  for (const item of items) {
    const key = readKey(item);
    const row = key === undefined ? undefined : asked.get(key);
    if (row === undefined) counters.ignoredItems++;
    else if (!laid.has(row)) {
      laid.add(row);
      decode(item, block, row, fetchedMs);
    } else if (!contradicted.has(row)) {
      const other = new RowBlock(fields, 1, Source.service);
      decode(item, other, 0, fetchedMs);
      if (isSameRow(block, row, other)) continue;
      contradicted.add(row);
      counters.contradictedKeys++;
      block.undecodable(row);
    }
  }
  if (laid.size === asked.size) return;
  for (const row of asked.values()) if (!laid.has(row)) block.missing(row);
}

function isSameRow({ columns }: RowBlock, row: number, { columns: other }: RowBlock): boolean {
  return (
    Object.is(columns.timestampMs[row], other.timestampMs[0]) &&
    columns.values.every(
      (values, at) => Object.is(values[row], other.values[at][0]) && columns.states[at][row] === other.states[at][0],
    )
  );
}
