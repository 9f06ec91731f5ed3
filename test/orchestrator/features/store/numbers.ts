import { performance } from 'node:perf_hooks';
import type { FetchOptions, FieldSpec, Row, Store } from '../../../../orchestrator/features/source.ts';
import type { Columns } from '../../../../orchestrator/plan/column.ts';

export const now = (): number => performance.now();

/** Rows of one number, in the table `plane`. */
export const NUMBER: readonly FieldSpec[] = [{ name: 'n', type: 'double' }];

export async function fetchNumbers(
  store: Store,
  text: readonly string[],
  options: Partial<FetchOptions> = {},
): Promise<Columns> {
  const signal = new AbortController().signal;
  const all = { asOfMs: 0, deadlineMs: Infinity, signal, ...options };
  return store.source('plane').fetch({ count: text.length, text }, NUMBER, all);
}

export const writeRows = (store: Store, ...rows: Row[]): Promise<number> =>
  store.sink('plane').write(rows, { signal: new AbortController().signal });
