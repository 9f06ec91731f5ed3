import type { FieldSpec, Row, Store } from '../../orchestrator/features/source.ts';
import type { RowAt } from './compare-rows.ts';
import { patientFetch, type PatientFetchOptions } from './patient-fetch.ts';
import { storedRow, type FieldProblem } from './stored-rows.ts';

/** A row to write, and what was read for it. */
export interface FoundRow {
  row: Row;
  was: RowAt;
}

/** The rows of some keys of a table. */
export interface StoredPage {
  keys: number;
  found: FoundRow[];
  /** Rows that cannot be decoded. */
  bad: { key: string; problems: FieldProblem[] }[];
  /** Keys that had no row any more, or whose row has none of the fields. */
  gone: number;
}

const KEYS_A_PAGE = 1000;

/** All rows of a table, page by page. The store must be one that lists its keys. */
export async function* storedPages(
  store: Store,
  table: string,
  fetching: PatientFetchOptions,
): AsyncGenerator<StoredPage> {
  for await (const listed of store.keys!(table, { signal: fetching.signal })) {
    for (let at = 0; at < listed.length; at += KEYS_A_PAGE) {
      for await (const { keys, block } of patientFetch(fetching, listed.slice(at, at + KEYS_A_PAGE))) {
        const page: StoredPage = { keys: keys.length, found: [], bad: [], gone: 0 };
        for (const [row, key] of keys.entries()) {
          const stored = storedRow(key, fetching.fields, { block, at: row });
          if (stored === 'gone') page.gone++;
          else if ('row' in stored) page.found.push({ row: stored.row, was: { block, at: row } });
          else page.bad.push({ key, problems: stored.problems });
        }
        yield page;
      }
    }
  }
}

/** The table of a store, as it is fetched from here. */
export function fetchingOf(
  { name, store }: { name: string; store: Store },
  table: string,
  fields: readonly FieldSpec[],
  { clock, signal }: Pick<PatientFetchOptions, 'clock' | 'signal'>,
): PatientFetchOptions {
  return { source: store.source(table), store: name, fields, clock, signal };
}
