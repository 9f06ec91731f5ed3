import type { CheckedConfig } from '../../config/checked.ts';
import { AppError } from '../../foundation/errors.ts';
import type { RowSink, SinkOptions, Store } from '../../orchestrator/features/source.ts';
import type { OnProgress } from '../progress.ts';
import { readAhead } from '../read-ahead.ts';
import { writeRows } from '../write-rows.ts';
import { copiedTables, type CopiedTable } from './copied-tables.ts';
import type { PatientFetchOptions } from './patient-fetch.ts';
import { readBack } from './read-back.ts';
import { fetchingOf, storedPages, type FoundRow, type StoredPage } from './stored-pages.ts';
import type { FieldProblem } from './stored-rows.ts';

/** An open store and its name in the YAML. */
interface NamedStore {
  name: string;
  store: Store;
}

export interface CopyOptions {
  checked: CheckedConfig;
  from: NamedStore;
  /** Without a store, all is done but writing. */
  to: { name: string; store?: Store };
  /** Tables to copy; none: all that views read from either store. */
  tables?: readonly string[];
  /** How rows are written. Default: each in the place of what is there, to stay. */
  sink?: SinkOptions;
  /** Whether each row is read back and compared. Default true. */
  verify?: boolean;
  clock: { epochMs(): number; monotonicMs(): number };
  /** Told after each page, and at the end. */
  onProgress?: OnProgress;
  /** Asks for an end behind the page under way. */
  stop?: AbortSignal;
  /** Ends at once, CANCELLED. */
  signal: AbortSignal;
}

/** A row that was not copied, or is another one where it was copied to. */
interface BadCopy {
  table: string;
  key: string;
  problems: readonly FieldProblem[];
}

export interface TableCopy {
  table: string;
  /** Keys that were listed. One may be listed twice while others write. */
  rows: number;
  /** Rows put in place. */
  written: number;
  /** Rows left out because the one in place is newer. */
  kept: number;
  /** Keys without a row when it was read, or whose row has nothing of what views declare. */
  gone: number;
  /** Rows that cannot be decoded, or that the store refused. */
  bad: number;
  /** Rows that were read back as something else. */
  differing: number;
}

export interface CopyResult {
  tables: TableCopy[];
  /** The first 100 rows that are bad or differ. */
  listed: BadCopy[];
  ended: 'done' | 'stopped';
}

const LISTED = 100;

/**
 * Copies rows between two stores, table by table: the fields that views declare, and `_ts`. While a page is written and
 * read back the next one is read, and no further. A row that cannot be decoded is left out, counted and listed. Throws
 * INVALID_INPUT where the stores or tables do not fit, and what a store fails of.
 */
export async function copyTables(options: CopyOptions): Promise<CopyResult> {
  const { checked, from, to, sink, stop } = options;
  if (from.name === to.name) throw new AppError('INVALID_INPUT', 'A store is copied to another one: name two.');
  const tables = copiedTables(checked, [from.name, to.name], options.tables ?? []);
  if (!from.store.keys) throw new AppError('INVALID_INPUT', `The store "${from.name}" cannot list its keys.`);
  const result: CopyResult = { tables: [], listed: [], ended: 'done' };
  let rows = 0;
  try {
    for (const table of tables) {
      const copy: TableCopy = { table: table.table, rows: 0, written: 0, kept: 0, gone: 0, bad: 0, differing: 0 };
      result.tables.push(copy);
      const { store } = to;
      const writing = store && {
        sink: store.sink(table.table, sink),
        fetching: fetchingOf({ name: to.name, store }, table.table, table.fields, options),
      };
      const pages = storedPages(from.store, table.table, fetchingOf(from, table.table, table.fields, options));
      for await (const page of readAhead(pages)) {
        if (stop?.aborted) break;
        await takePage(page, { options, table, writing, copy, listed: result.listed });
        rows += page.keys;
        options.onProgress?.({ rows, totalRows: undefined, done: false });
      }
      if (stop?.aborted) return { ...result, ended: 'stopped' };
    }
    return result;
  } finally {
    options.onProgress?.({ rows, totalRows: undefined, done: true });
  }
}

interface Taking {
  options: CopyOptions;
  table: CopiedTable;
  /** Undefined where nothing is to be written. */
  writing: { sink: RowSink; fetching: PatientFetchOptions } | undefined;
  copy: TableCopy;
  listed: BadCopy[];
}

async function takePage(page: StoredPage, { options, table, writing, copy, listed }: Taking): Promise<void> {
  const { signal, verify = true } = options;
  const list = (key: string, problems: readonly FieldProblem[]): void => {
    if (listed.length < LISTED) listed.push({ table: table.table, key, problems });
  };
  copy.rows += page.keys;
  copy.gone += page.gone;
  copy.bad += page.bad.length;
  for (const { key, problems } of page.bad) list(key, problems);
  if (!writing) return;
  const refused = new Set<FoundRow>();
  const { taken, written } = await writeRows(writing.sink, page.found, signal, (found, problem) => {
    refused.add(found);
    list(found.row.key, [{ problem }]);
  });
  copy.written += written;
  copy.kept += taken - written;
  copy.bad += refused.size;
  if (!verify) return;
  const there = page.found.filter((found) => !refused.has(found));
  for await (const { key, problems } of readBack(writing.fetching, there, options.sink?.newest ?? false)) {
    copy.differing++;
    list(key, problems);
  }
}
