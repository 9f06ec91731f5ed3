import type { RowBlock } from '../row-block.ts';
import type { Keys } from '../source.ts';
import type { KeyLimit } from './key-limit.ts';

/** Some keys of a fetch, as the store has them, and the rows of its block that they are. */
export interface KeyedRows {
  keys: string[];
  rows: number[];
}

/** The keys of a fetch that a store may hold, in parts of `most`; a longer key than it takes is a row that is missing. */
export function keyedRows(
  prefix: string,
  { count, text }: Keys,
  limit: KeyLimit,
  block: RowBlock,
  most = Infinity,
): KeyedRows[] {
  const parts: KeyedRows[] = [];
  let part: KeyedRows | undefined;
  for (let row = 0; row < count; row++) {
    const key = prefix + text[row];
    if (limit.isExceededBy(key)) {
      block.missing(row);
      continue;
    }
    if (part === undefined || part.keys.length === most) parts.push((part = { keys: [], rows: [] }));
    part.keys.push(key);
    part.rows.push(row);
  }
  return parts;
}
