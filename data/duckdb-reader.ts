import { AppError } from '../foundation/errors.ts';
import { openDuckDb, sqlText, type DuckDb } from './duckdb.ts';
import { cellsOf, readColumn, type ReadColumn } from './duckdb-cells.ts';
import type { Chunk, RowFile } from './rows.ts';

const NOTHING_BROKEN: ReadonlyMap<number, string> = new Map();

/** A Parquet file: its own types, its own count. */
export async function openParquet(file: string): Promise<RowFile> {
  const path = sqlText(file);
  return openFile(file, `read_parquet(${path})`, (database) => ({
    unit: 'row',
    readColumn,
    firstPlace: 1,
    count: () => numberOf(database, `SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${path})`),
  }));
}

/**
 * A CSV file with a header. Every column is read as text, so that no type is guessed from the first rows: an empty cell
 * is null, `""` the empty string. Places are lines as long as no cell holds a line break.
 */
export async function openCsv(file: string): Promise<RowFile> {
  const options = 'header = true, all_varchar = true, allow_quoted_nulls = false, strict_mode = true, parallel = false';
  return openFile(file, `read_csv(${sqlText(file)}, ${options})`, () => ({
    unit: 'line',
    readColumn: (name, type) => ({ ...readColumn(name, type), kind: 'text' }),
    firstPlace: 2,
    count: () => Promise.resolve(undefined),
  }));
}

interface Reading {
  unit: RowFile['unit'];
  readColumn(name: string, type: string): ReadColumn;
  firstPlace: number;
  count(): Promise<number | undefined>;
}

async function openFile(file: string, source: string, how: (database: DuckDb) => Reading): Promise<RowFile> {
  const database = await openDuckDb();
  try {
    const reading = how(database);
    const described = await database.connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
    const columns = described.getRows().map(([name, type]) => reading.readColumn(String(name), String(type)));
    return {
      columns: columns.map(({ name, kind }) => ({ name, kind })),
      unit: reading.unit,
      totalRows: await reading.count(),
      chunks: () => chunksOf(database, file, source, columns, reading.firstPlace),
      close: () => database.close(),
    };
  } catch (cause) {
    database.close();
    throw unreadable(file, cause);
  }
}

async function* chunksOf(
  { connection }: DuckDb,
  file: string,
  source: string,
  columns: readonly ReadColumn[],
  firstPlace: number,
): AsyncGenerator<Chunk> {
  let before = firstPlace;
  try {
    const result = await connection.stream(`SELECT ${columns.map(({ sql }) => sql).join(', ')} FROM ${source}`);
    for (;;) {
      const chunk = await result.fetchChunk();
      const rows = chunk?.rowCount ?? 0;
      if (!chunk || rows === 0) return;
      const first = before;
      const cells = columns.map((_, at) => cellsOf(chunk, at));
      yield { rows, place: (row) => first + row, cells, broken: NOTHING_BROKEN };
      before += rows;
    }
  } catch (cause) {
    throw cause instanceof AppError ? cause : unreadable(file, cause);
  }
}

/** DuckDB's first line says what is wrong; the rest is advice about its own options. */
function unreadable(file: string, cause: unknown): AppError {
  const [first = 'unknown reason'] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return new AppError('INVALID_INPUT', `${file} cannot be read: ${first}`, { cause });
}

async function numberOf({ connection }: DuckDb, sql: string): Promise<number> {
  const [[number]] = (await connection.runAndReadAll(sql)).getRows();
  return Number(number);
}
