import { openArrow } from './arrow/arrow-reader.ts';
import { openCsv } from './csv-reader.ts';
import { openParquet } from './duckdb-reader.ts';
import { formatOf } from './file-format.ts';
import { openJsonl } from './jsonl-reader.ts';
import type { RowFile } from './rows.ts';

/** Opens a data file by what its name says. Throws INVALID_INPUT where it cannot be read. */
export async function openRowFile(file: string): Promise<RowFile> {
  switch (formatOf(file)) {
    case 'csv':
      return await openCsv(file);
    case 'parquet':
      return await openParquet(file);
    case 'jsonl':
      return await openJsonl(file);
    case 'arrow':
      return await openArrow(file);
  }
}
