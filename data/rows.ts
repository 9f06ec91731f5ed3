import { extname } from 'node:path';
import { AppError } from '../foundation/errors.ts';

/**
 * What the cells of a file's column are. `text` is what CSV has, to be read as the type that is wanted; `json` is a
 * parsed JSON value a cell; the others are typed by the file (Parquet).
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

/** A block of rows, column by column, in the order of the file's columns. */
export interface Chunk {
  rows: number;
  /** Where each row stands: a line of a text file, else the row's number, from 1. */
  place(row: number): number;
  cells: readonly Cells[];
  /** Rows of the block that could not be read at all, with what is wrong; their cells are null or undefined. */
  broken: ReadonlyMap<number, string>;
}

/** A file of rows, read in chunks: never as a whole in memory. */
export interface RowFile {
  columns: readonly FileColumn[];
  /** `line` in a text file that a person opens, `row` in Parquet. */
  unit: 'line' | 'row';
  /** Rows in all, where the file says so without being read. */
  totalRows: number | undefined;
  chunks(): AsyncIterable<Chunk>;
  close(): void;
}

export type FileFormat = 'csv' | 'parquet' | 'jsonl';

const FORMATS: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.parquet': 'parquet',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
};

/** The format that a file's name says. Throws INVALID_INPUT on any other name. */
export function formatOf(file: string): FileFormat {
  const format = FORMATS[extname(file).toLowerCase()];
  if (format) return format;
  throw new AppError('INVALID_INPUT', `${file}: the name of a data file ends in .parquet, .csv, .jsonl or .ndjson.`);
}
