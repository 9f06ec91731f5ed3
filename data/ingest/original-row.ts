import { formatTimestamp } from '../../foundation/timestamp.ts';
import type { Chunk, FileColumn } from '../rows.ts';

/** A row as its file has it, by the columns that were read, in JSON's values: it can be mended and ingested again. */
export function originalRow(columns: readonly FileColumn[], chunk: Chunk, row: number): Record<string, unknown> {
  const original: Record<string, unknown> = {};
  for (const [at, { name, kind }] of columns.entries()) {
    const cells = chunk.cells[at];
    if (cells.length === 0 || kind === 'other' || cells[row] === undefined) continue;
    original[name] = jsonOf(cells[row], kind);
  }
  return original;
}

function jsonOf(cell: unknown, kind: FileColumn['kind']): unknown {
  if (typeof cell !== 'number' || kind === 'json') return cell;
  if (Number.isNaN(cell)) return null;
  if (kind === 'bool') return cell === 1;
  return kind === 'timestamp' ? formatTimestamp(Math.floor(cell)) : cell;
}
