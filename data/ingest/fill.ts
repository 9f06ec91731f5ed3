import { resolve } from 'node:path';
import type { CheckedConfig } from '../../config/checked.ts';
import { AppError } from '../../foundation/errors.ts';
import type { Store } from '../../orchestrator/features/source.ts';
import type { OnProgress } from '../progress.ts';
import { ingest } from './ingest.ts';
import { findTarget } from './target.ts';

/** A table that was filled, and with how many rows. */
export interface Filled {
  table: string;
  rows: number;
}

/**
 * Fills the tables that `dev.fill` names, each only while it is empty. Files are relative to the YAML. Throws
 * INVALID_INPUT where a file does not fit its table, naming the first bad row.
 */
export async function fillStores(
  checked: CheckedConfig,
  stores: ReadonlyMap<string, Store>,
  signal: AbortSignal,
  onProgress?: OnProgress,
): Promise<Filled[]> {
  const filled: Filled[] = [];
  for (const [view, file] of Object.entries(checked.config.dev.fill)) {
    const target = findTarget(checked, view);
    const store = stores.get(target.store);
    if (!store) throw new AppError('INTERNAL', `The store "${target.store}" is not open.`);
    if (!(await store.isEmpty(target.table))) continue;
    const result = await ingest({
      checked,
      view,
      data: { files: [resolve(checked.folder, file)] },
      stores: new Map([[target.store, store]]),
      signal,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const [bad] = result.listed;
    if (bad) {
      const [{ column, problem }] = bad.problems;
      const where = `${file}, ${bad.unit} ${bad.place}${column === undefined ? '' : `, column ${column}`}`;
      throw new AppError('INVALID_INPUT', `dev.fill: ${where}: ${problem} (${result.bad} bad rows in all).`);
    }
    filled.push({ table: target.table, rows: result.stores[0].written });
  }
  return filled;
}
