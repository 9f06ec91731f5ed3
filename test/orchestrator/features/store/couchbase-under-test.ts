import type { Store } from '../../../../orchestrator/features/source.ts';
import { openCouchbaseStore, type CouchbaseStoreOptions } from '../../../../orchestrator/features/store/couchbase.ts';
import { jsonRows } from '../../../../orchestrator/features/store/json-row.ts';
import { now } from './numbers.ts';
import { CouchbaseServer } from '../../../servers/couchbase.ts';

/** A store with time enough for the largest of fetches, unless told otherwise. */
export function openTestStore(options: Partial<CouchbaseStoreOptions> & { url: string }): Promise<Store> {
  const { bucket, username, password } = CouchbaseServer;
  return openCouchbaseStore({
    name: 'online',
    project: 'nyc',
    bucket,
    username,
    password,
    encoding: jsonRows,
    timeoutMs: 20_000,
    now,
    random: () => 0.5,
    ...options,
  });
}
