import { AppError } from '../foundation/errors.ts';
import { openDuckDb, sqlText, type DuckDb } from './duckdb.ts';
import { cellsOf, readColumn, type ReadColumn } from './duckdb-cells.ts';
import type { Broken, Cells, Chunk, ReadOptions, RowFile } from './rows.ts';
import { lastStatement } from './sql-statements.ts';
import { unreadableFile } from './unreadable-file.ts';

const NOTHING_BROKEN: ReadonlyMap<number, Broken> = new Map();

/** A Parquet file: its own types, its own count. */
export async function openParquet(file: string): Promise<RowFile> {
  const path = sqlText(file);
  const count = async (database: DuckDb): Promise<number> =>
    numberOf(database, `SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${path})`);
  return openQuery({
    source: `read_parquet(${path})`,
    count,
    refusal: (cause) => unreadableFile(file, cause),
  });
}

/**
 * The rows that SQL gives, in its order. Of several statements the last one gives them, those before (`ATTACH`, `SET`,
 * `CREATE TABLE`) are run. Files are relative to the working directory. By one thread it gives the rows in the same order
 * each time, as long as it names no other. Throws INVALID_INPUT in DuckDB's words.
 */
export async function openSql(sql: string, threads?: number): Promise<RowFile> {
  const { before, last } = lastStatement(sql);
  return openQuery({
    before: threads === undefined ? before : `SET threads = ${threads};${before}`,
    // The line break ends a comment that the text may end with.
    source: `(${last}\n)`,
    refusal: (cause) => new AppError('INVALID_INPUT', `--sql: ${messageOf(cause)}`, { cause }),
  });
}

interface Query {
  /** Statements that are run first. */
  before?: string;
  /** What stands behind FROM. */
  source: string;
  count?: (database: DuckDb) => Promise<number>;
  /** What is told of a failure. */
  refusal: (cause: unknown) => AppError;
}

async function openQuery(query: Query): Promise<RowFile> {
  const database = await openDuckDb();
  try {
    if (query.before !== undefined && query.before !== '') await database.connection.run(query.before);
    const described = await database.connection.runAndReadAll(`DESCRIBE SELECT * FROM ${query.source}`);
    const columns = described.getRows().map(([name, type]) => readColumn(String(name), String(type)));
    return {
      columns: columns.map(({ name, kind }) => ({ name, kind })),
      unit: 'row',
      totalRows: await query.count?.(database),
      chunks: (options = {}) => chunksOf(database, query, columns, options),
      close: () => database.close(),
    };
  } catch (cause) {
    database.close();
    throw cause instanceof AppError ? cause : query.refusal(cause);
  }
}

async function* chunksOf(
  { connection }: DuckDb,
  { source, refusal }: Query,
  columns: readonly ReadColumn[],
  { from = 0, wanted, signal }: ReadOptions,
): AsyncGenerator<Chunk> {
  const isWanted = columns.map((_, at) => wanted?.has(at) ?? true);
  const selected = columns.filter((_, at) => isWanted[at]).map(({ sql }) => sql);
  using _ = interruptOn(signal, connection);
  let before = from + 1;
  try {
    // A row must be something: where nothing of it is wanted, it is a one.
    const select = selected.length === 0 ? '1' : selected.join(', ');
    const result = await connection.stream(`SELECT ${select} FROM ${source} OFFSET ${from}`);
    for (;;) {
      const chunk = await result.fetchChunk();
      const rows = chunk?.rowCount ?? 0;
      if (!chunk || rows === 0) return;
      const first = before;
      let next = 0;
      const cells = isWanted.map((is): Cells => (is ? cellsOf(chunk, next++) : []));
      yield { rows, place: (row) => first + row, cells, broken: NOTHING_BROKEN };
      before += rows;
    }
  } catch (cause) {
    throw cause instanceof AppError ? cause : refusal(cause);
  }
}

const INTERRUPT_EVERY_MS = 20;

/** Interrupts what runs once the signal says so; again and again, for what comes before a query has begun is lost. */
function interruptOn(signal: AbortSignal | undefined, connection: DuckDb['connection']): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    timer = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  if (signal?.aborted) interrupt();
  else signal?.addEventListener('abort', interrupt);
  return {
    [Symbol.dispose]() {
      signal?.removeEventListener('abort', interrupt);
      clearInterval(timer);
    },
  };
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

async function numberOf({ connection }: DuckDb, sql: string): Promise<number> {
  const [[number]] = (await connection.runAndReadAll(sql)).getRows();
  return Number(number);
}
