import type { Columns } from '../../plan/column.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { FetchOptions, FieldSpec, Keys } from '../source.ts';
import type { SourceSurroundings } from './get-source.ts';
import { ServiceRows } from './service-rows.ts';

/**
 * One fetch of a service: `ask` makes its calls, all at once as far as `maxConcurrency` lets them, each of which brings
 * some of the rows. Throws as `ServiceRows.finish` does.
 */
export async function fetchRows(
  { service, now }: SourceSurroundings,
  keys: Keys,
  fields: readonly FieldSpec[],
  options: FetchOptions,
  ask: (rows: ServiceRows, scope: FetchScope) => Promise<void>[],
): Promise<Columns> {
  const rows = new ServiceRows(fields, keys.count);
  const scope = new FetchScope(options, now);
  try {
    await Promise.all(ask(rows, scope));
  } finally {
    scope.close();
  }
  return rows.finish(service);
}
