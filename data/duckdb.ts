import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../foundation/errors.ts';

/** The library as it is imported, and a connection to a database of its own. */
export interface DuckDb {
  library: typeof import('@duckdb/node-api');
  connection: DuckDBConnection;
  close(): void;
}

/** Nothing is downloaded by a data file: extensions are those that are built in (Parquet, JSON, ICU). */
const SETTINGS = {
  threads: '2',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
};

/** Opens DuckDB, in memory unless `path` names a database. It is an optional package: only data files need it. */
export async function openDuckDb(path = ':memory:'): Promise<DuckDb> {
  const library = await importDuckDb();
  const instance = await library.DuckDBInstance.create(path, SETTINGS);
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return {
    library,
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function importDuckDb(): Promise<DuckDb['library']> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    const message =
      'DuckDB reads Parquet files and SQL and writes the files of a batch, and it is not installed: npm install @duckdb/node-api';
    throw new AppError('INTERNAL', message, { cause });
  }
}

/** A text as a SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
