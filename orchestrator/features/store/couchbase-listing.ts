import { AppError } from '../../../foundation/errors.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { CouchbaseConnections } from './couchbase-connections.ts';
import type { CouchbaseDocuments } from './couchbase-documents.ts';
import { scanKeys } from './couchbase-scan.ts';

const KEYS_A_PAGE = 1000;
/** Who asks whether a table is empty waits no longer than this. */
const LONGEST_WAIT_MS = 5000;

/** A table, by what its keys begin with and by the key of its mark. */
export interface Table {
  prefix: string;
  mark: string;
}

/**
 * True where the table has no mark and, as far as the server can scan, no row. A server before 7.6 cannot: there, a
 * table that other tools alone have written to looks empty.
 */
export async function isEmptyTable(
  connections: CouchbaseConnections,
  documents: CouchbaseDocuments,
  { prefix, mark }: Table,
  now: () => number,
): Promise<boolean> {
  const { signal } = new AbortController();
  const scope = new FetchScope({ signal, deadlineMs: now() + LONGEST_WAIT_MS }, now);
  try {
    // A row that was written a moment ago may not be on the disk that is scanned; its mark is there.
    if ((await connections.run(documents.read(mark), scope)) !== undefined) return false;
    for await (const _ of scanKeys(connections, prefix, 1, scope)) return false;
    return true;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'INVALID_INPUT') return true;
    throw cause;
  } finally {
    scope.close();
  }
}

/** The keys of a table, without its prefix. */
export async function* tableKeys(
  connections: CouchbaseConnections,
  prefix: string,
  signal: AbortSignal,
  now: () => number,
): AsyncGenerator<string[]> {
  const scope = new FetchScope({ signal, deadlineMs: Infinity }, now);
  try {
    yield* scanKeys(connections, prefix, KEYS_A_PAGE, scope);
  } finally {
    scope.close();
  }
}
