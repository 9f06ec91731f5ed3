import type { DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api';
import { sqlName } from './duckdb.ts';
import type { CellKind, Cells, FileColumn } from './rows.ts';

/** A column of a file and the SQL that reads it as one of the few types that cells have. */
export interface ReadColumn extends FileColumn {
  sql: string;
}

const INTEGERS = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER']);
const TEXTS = /^(VARCHAR|UUID|ENUM|UBIGINT|HUGEINT|UHUGEINT)/;
const DOUBLES = /^(DOUBLE|FLOAT|DECIMAL)/;
const MOMENTS = /^(TIMESTAMP|DATE)/;

/** How a column of DuckDB type `type` is read. A timestamp without a zone is taken as UTC. */
export function readColumn(name: string, type: string): ReadColumn {
  const column = sqlName(name);
  const as = (kind: CellKind, sql: string): ReadColumn => ({ name, kind, sql });
  if (INTEGERS.has(type)) return as('int64', `${column}::BIGINT`);
  if (DOUBLES.test(type)) return as('double', `${column}::DOUBLE`);
  if (MOMENTS.test(type)) return as('timestamp', `epoch_us(${column}::TIMESTAMPTZ)::DOUBLE / 1000`);
  if (type === 'BOOLEAN') return as('bool', `${column}::BOOLEAN::TINYINT::DOUBLE`);
  if (TEXTS.test(type)) return as(type.endsWith('INT') ? 'int64' : 'string', `${column}::VARCHAR`);
  return as('other', `CASE WHEN ${column} IS NULL THEN NULL ELSE '' END`);
}

/**
 * The cells of one column of a chunk. Numbers are copied as a block: vectors are views of memory that DuckDB reuses,
 * and `getItem` a value costs several times as much.
 */
export function cellsOf(chunk: DuckDBDataChunk, at: number): Cells {
  const vector = chunk.getColumnVector(at);
  const items: unknown = 'items' in vector ? vector.items : undefined;
  if (items instanceof Float64Array) return withNulls(items.slice(), vector);
  if (items instanceof BigInt64Array) return integers(items, vector);
  return Array.from({ length: chunk.rowCount }, (_, row) => vector.getItem(row) as string | null);
}

function withNulls(numbers: Float64Array, vector: DuckDBVector): Float64Array {
  for (let row = 0; row < numbers.length; row++) if (vector.getItem(row) === null) numbers[row] = Number.NaN;
  return numbers;
}

/** Whole numbers; as decimal texts where one is beyond 2^53, so that it stays what it is. */
function integers(items: BigInt64Array, vector: DuckDBVector): Cells {
  const numbers = withNulls(Float64Array.from(items, Number), vector); // what stands for a null may be any number
  if (numbers.every((number) => Number.isNaN(number) || Number.isSafeInteger(number))) return numbers;
  return Array.from(items, (item, row) => (vector.getItem(row) === null ? null : item.toString()));
}
