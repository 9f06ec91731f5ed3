import { basename, extname } from 'node:path';
import { AppError } from '../foundation/errors.ts';

export type FileFormat = 'csv' | 'parquet' | 'jsonl' | 'arrow';
/** What a table can be written as. */
export type WrittenFormat = Exclude<FileFormat, 'arrow'>;

const FORMATS: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.parquet': 'parquet',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.arrow': 'arrow',
  '.arrows': 'arrow',
  '.feather': 'arrow',
};
const PACKED = /\.(?:gz|zst)$/i;

/** The format of a file to read, by its name. Text may be packed: `.csv.gz`, `.jsonl.zst`. Throws INVALID_INPUT on any other name. */
export function formatOf(file: string): FileFormat {
  const name = basename(file);
  const format = FORMATS[extname(name.replace(PACKED, '')).toLowerCase()];
  const isPacked = PACKED.test(name);
  if (format && !(isPacked && (format === 'parquet' || format === 'arrow'))) return format;
  const mend = format
    ? 'only CSV and JSONL are read packed'
    : 'the name of a data file ends in .parquet, .csv, .jsonl, .ndjson, .arrow, .arrows or .feather, text also in .gz or .zst behind it';
  throw new AppError('INVALID_INPUT', `${file}: ${mend}.`);
}

/** The format of a file to write, by its name. Throws INVALID_INPUT on one that is only read. */
export function writtenFormatOf(file: string): WrittenFormat {
  const format = PACKED.test(file) ? undefined : FORMATS[extname(file).toLowerCase()];
  if (format && format !== 'arrow') return format;
  throw new AppError(
    'INVALID_INPUT',
    `${file}: the name of a file to write ends in .parquet, .csv, .jsonl or .ndjson.`,
  );
}
