import { existsSync } from 'node:fs';
import { glob, stat } from 'node:fs/promises';
import { AppError } from '../../foundation/errors.ts';
import { openSql } from '../duckdb-reader.ts';
import { formatOf } from '../file-format.ts';
import { openRowFile } from '../open-file.ts';
import type { RowFile } from '../rows.ts';
import { unreadableFile } from '../unreadable-file.ts';

/** Something that gives rows, opened when its turn comes: a thousand files are not open at once. */
export interface DataSource {
  /** The file as it was named, or `--sql`. */
  name: string;
  /** Bytes on the disk; undefined of SQL. */
  bytes: number | undefined;
  /** What tells it from another, or from itself after a change. */
  identity: string;
  open(): Promise<RowFile>;
}

/** The rows' origin: files, or patterns of them, one after the other; or what SQL gives. */
export type Data = { files: readonly string[] } | { sql: string };

/** `isRepeatable`: SQL gives its rows in the same order each time it is run, though by one thread. */
export async function dataSources(data: Data, { isRepeatable }: { isRepeatable: boolean }): Promise<DataSource[]> {
  if ('files' in data) return await fileSources(data.files);
  const { sql } = data;
  return [{ name: '--sql', bytes: undefined, identity: sql, open: () => openSql(sql, isRepeatable ? 1 : undefined) }];
}

async function fileSources(patterns: readonly string[]): Promise<DataSource[]> {
  const sources: DataSource[] = [];
  for (const pattern of patterns) {
    for (const file of await matching(pattern)) {
      formatOf(file); // a name that says no format is wrong whether the file is there or not
      const { size, mtimeMs } = await statOf(file);
      const identity = `${size} bytes of ${new Date(mtimeMs).toISOString()}`;
      sources.push({ name: file, bytes: size, identity, open: () => openRowFile(file) });
    }
  }
  return sources;
}

/** A file of just that name, or those that match, in the order of their names. */
async function matching(pattern: string): Promise<string[]> {
  if (existsSync(pattern) || !/[*?[{]/.test(pattern)) return [pattern];
  const files: string[] = [];
  for await (const file of glob(pattern)) files.push(file);
  if (files.length > 0) return files.sort();
  throw new AppError('INVALID_INPUT', `No file matches ${pattern}.`);
}

async function statOf(file: string): Promise<{ size: number; mtimeMs: number }> {
  try {
    return await stat(file);
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}
