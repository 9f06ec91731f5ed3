import { rename, rm } from 'node:fs/promises';
import type { DuckDBAppender, DuckDBDataChunk, DuckDBType } from '@duckdb/node-api';
import { openDuckDb, sqlName, sqlText, type DuckDb } from './duckdb.ts';
import { writtenFormatOf, type WrittenFormat } from './file-format.ts';
import type { Cells } from './rows.ts';

export type WriteType = 'bool' | 'int64' | 'double' | 'timestamp' | 'string';

export interface WriteColumn {
  name: string;
  type: WriteType;
}

/** Rows on their way into a file, which is there under its name once all of them are. */
export interface TableWriter {
  /** Appends rows `from` up to `to` of the columns' cells. NaN and null are NULL. */
  append(columns: readonly Cells[], from: number, to: number): void;
  /** Writes the file. */
  finish(): Promise<void>;
  /** Gives up: leaves no file. */
  abandon(): Promise<void>;
}

/** DuckDB's own vectors have this many rows. */
const CHUNK_ROWS = 2048;
const TYPES: Record<WriteType, string> = {
  bool: 'BOOLEAN',
  int64: 'BIGINT',
  double: 'DOUBLE',
  timestamp: 'TIMESTAMPTZ',
  string: 'VARCHAR',
};
const COPY_OPTIONS: Record<WrittenFormat, string> = {
  parquet: 'FORMAT parquet, COMPRESSION zstd',
  csv: 'FORMAT csv, HEADER true',
  jsonl: 'FORMAT json, ARRAY false',
};

/**
 * A writer of Parquet, CSV or JSONL by the file's name. Rows wait in a DuckDB database beside the file, on disk, since
 * a Parquet file cannot be appended to: memory stays bounded, and a reader never meets half a file.
 */
export async function openTableWriter(file: string, columns: readonly WriteColumn[]): Promise<TableWriter> {
  const format = writtenFormatOf(file);
  const staging = `${file}.staging`;
  const partial = `${file}.partial`;
  const leftovers = [staging, `${staging}.wal`, partial];
  await removeAll(leftovers);
  const database = await openDuckDb(staging);
  const { connection } = database;
  const definitions = columns.map(({ name, type }) => `${sqlName(name)} ${TYPES[type]}`);
  await connection.run(`CREATE TABLE rows (${definitions.join(', ')})`);
  const buffer = openBuffer(database, await connection.createAppender('rows'), columns);
  return {
    append: buffer.append,
    async finish() {
      buffer.close();
      const select = columns.map((column) => written(column, format)).join(', ');
      await connection.run(`COPY (SELECT ${select} FROM rows) TO ${sqlText(partial)} (${COPY_OPTIONS[format]})`);
      database.close();
      await rename(partial, file);
      await removeAll(leftovers);
    },
    async abandon() {
      database.close();
      await removeAll(leftovers);
    },
  };
}

/** Timestamps in text files are RFC 3339, not DuckDB's own form, so that every command reads them back. */
function written({ name, type }: WriteColumn, format: WrittenFormat): string {
  const column = sqlName(name);
  if (type !== 'timestamp' || format === 'parquet') return column;
  return `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS ${column}`;
}

interface Buffer {
  append: (columns: readonly Cells[], from: number, to: number) => void;
  close: () => void;
}

/** Gathers rows of many small appends into full vectors: an appended chunk costs the same for 1 row as for 2048. */
function openBuffer({ library }: DuckDb, appender: DuckDBAppender, columns: readonly WriteColumn[]): Buffer {
  const types: readonly DuckDBType[] = columns.map(({ type }) => {
    switch (type) {
      case 'bool':
        return library.BOOLEAN;
      case 'int64':
        return library.BIGINT;
      case 'double':
        return library.DOUBLE;
      case 'timestamp':
        return library.TIMESTAMPTZ;
      case 'string':
        return library.VARCHAR;
    }
  });
  const moment = (ms: number): unknown => new library.DuckDBTimestampTZValue(BigInt(Math.round(ms * 1000)));
  const setters = columns.map(({ type }) => setter(type, moment));
  let chunk: DuckDBDataChunk | undefined;
  let filled = 0;

  const flush = (): void => {
    if (!chunk || filled === 0) return;
    for (let at = 0; at < columns.length; at++) chunk.getColumnVector(at).flush();
    // Sizing a chunk forgets its vectors' views, so it comes after their flush.
    if (filled < CHUNK_ROWS) chunk.rowCount = filled;
    appender.appendDataChunk(chunk);
    chunk = undefined;
    filled = 0;
  };

  return {
    append(cells, from, to) {
      for (let start = from; start < to;) {
        chunk ??= library.DuckDBDataChunk.create(types, CHUNK_ROWS);
        const count = Math.min(to - start, CHUNK_ROWS - filled);
        for (let at = 0; at < columns.length; at++) {
          setters[at](chunk, at, cells[at], start, count, filled);
        }
        filled += count;
        start += count;
        if (filled === CHUNK_ROWS) flush();
      }
    },
    close() {
      flush();
      appender.closeSync();
    },
  };
}

type SetCells = (
  chunk: DuckDBDataChunk,
  column: number,
  cells: Cells,
  start: number,
  count: number,
  filled: number,
) => void;

function setter(type: WriteType, moment: (ms: number) => unknown): SetCells {
  const convert = converter(type, moment);
  return (chunk, column, cells, start, count, filled) => {
    const vector = chunk.getColumnVector(column);
    const items: unknown = 'items' in vector ? vector.items : undefined;
    if (cells instanceof Float64Array && items instanceof Float64Array) {
      items.set(cells.subarray(start, start + count), filled);
      for (let at = 0; at < count; at++) if (Number.isNaN(cells[start + at])) vector.setItem(filled + at, null);
      return;
    }
    for (let at = 0; at < count; at++) {
      const cell = cells[start + at];
      const isNull = cell === null || cell === undefined || Number.isNaN(cell);
      vector.setItem(filled + at, isNull ? null : (convert(cell) as never));
    }
  };
}

function converter(type: WriteType, moment: (ms: number) => unknown): (cell: unknown) => unknown {
  switch (type) {
    case 'bool':
      return (cell) => cell === 1 || cell === true;
    case 'int64':
      return (cell) => BigInt(cell as number | string);
    case 'double':
      return Number;
    case 'timestamp':
      return (cell) => moment(cell as number);
    case 'string':
      return (cell) => (typeof cell === 'string' ? cell : JSON.stringify(cell));
  }
}

async function removeAll(files: readonly string[]): Promise<void> {
  await Promise.all(files.map((file) => rm(file, { force: true })));
}
