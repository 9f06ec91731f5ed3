/**
 * What the cells of a file's column are. `text` is what CSV has, to be read as the type that is wanted; `json` is a
 * parsed JSON value a cell; the others are typed by the file (Parquet, Arrow).
 */
export type CellKind = 'bool' | 'int64' | 'double' | 'timestamp' | 'string' | 'text' | 'json' | 'other';

export interface FileColumn {
  name: string;
  kind: CellKind;
}

/**
 * Cells of one column over a chunk. Numbers (bool 0/1, timestamps epoch ms) with NaN for null; texts with null for null,
 * also of an int64 column where a value lies beyond 2^53; JSON values as parsed, undefined where the
 * object has none: a feature that a row overrides with null is not one that it does not override.
 */
export type Cells = Float64Array | (string | null)[] | unknown[];

/** A row that cannot be read at all: what is wrong, and its text as the file has it. */
export interface Broken {
  problem: string;
  text: string;
}

/** A block of rows, column by column, in the order of the file's columns. */
export interface Chunk {
  rows: number;
  /** Where each row stands: a line of a text file, else the row's number, from 1. */
  place(row: number): number;
  /** Columns that were not wanted have no cells. */
  cells: readonly Cells[];
  /** Rows of the block that could not be read; their cells are null or undefined. */
  broken: ReadonlyMap<number, Broken>;
  /** The share of the file that is read with this chunk, 0 to 1, where that is known. */
  share?: number;
}

export interface ReadOptions {
  /** Rows at the beginning that are passed over, broken ones counted too. Default 0. */
  from?: number;
  /** Columns, by their index, whose cells are asked for; a format that can leaves the others unread. Default all. */
  wanted?: ReadonlySet<number>;
  /** Ends a reading that takes long: it then throws. */
  signal?: AbortSignal;
}

/** A file of rows, read in chunks: never as a whole in memory. */
export interface RowFile {
  columns: readonly FileColumn[];
  /** `line` in a text file that a person opens, `row` elsewhere. */
  unit: 'line' | 'row';
  /** Rows in all, where the file says so without being read. */
  totalRows: number | undefined;
  chunks(options?: ReadOptions): AsyncIterable<Chunk>;
  close(): void;
}

/** The chunks behind the first `count` rows. */
export async function* skipRows(chunks: AsyncIterable<Chunk>, count: number): AsyncGenerator<Chunk> {
  let left = count;
  for await (const chunk of chunks) {
    const skipped = Math.min(left, chunk.rows);
    left -= skipped;
    if (skipped < chunk.rows) yield skipChunk(chunk, skipped);
  }
}

/** A chunk without its first `count` rows. */
export function skipChunk(chunk: Chunk, count: number): Chunk {
  if (count === 0) return chunk;
  return {
    ...chunk,
    rows: chunk.rows - count,
    place: (row) => chunk.place(row + count),
    cells: chunk.cells.map((cells) => cells.slice(count)),
    broken: new Map(Array.from(chunk.broken, ([row, broken]) => [row - count, broken])),
  };
}
