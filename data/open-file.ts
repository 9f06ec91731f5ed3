import { openCsv, openParquet } from './duckdb-reader.ts';
import { openJsonl } from './jsonl-reader.ts';
import { formatOf, type RowFile } from './rows.ts';

/** Opens a data file by what its name says. Throws INVALID_INPUT where it cannot be read. */
export async function openRowFile(file: string): Promise<RowFile> {
  switch (formatOf(file)) {
    case 'csv':
      return await openCsv(file);
    case 'parquet':
      return await openParquet(file);
    case 'jsonl':
      return await openJsonl(file);
  }
}
