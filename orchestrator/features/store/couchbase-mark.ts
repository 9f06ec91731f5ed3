import { parseJsonObject } from '../../../foundation/json-object.ts';
import type { FetchScope } from '../fetch-scope.ts';
import type { CouchbaseConnections } from './couchbase-connections.ts';
import type { CouchbaseDocuments, Versioned } from './couchbase-documents.ts';
import { couchbaseWriteOptions, type Durability } from './couchbase-options.ts';

/**
 * The document that says of a table that it holds rows: a server before 7.6 has no other way to tell. Its key begins
 * with no table's prefix, for no table has an empty name.
 */
export function markKey(project: string, table: string): string {
  return `${project}::${table}`;
}

export interface MarkOptions {
  connections: CouchbaseConnections;
  /** JSON, whatever the rows are. */
  documents: CouchbaseDocuments;
  /** `markKey`. */
  key: string;
  /** How long the rows stay that it stands for; undefined: for good. */
  expiryMs: number | undefined;
  durability: Durability;
  now: () => number;
}

/**
 * Leaves the mark of a table, once where its rows stay. Where they expire it expires with them, and is renewed with the
 * writes that come a tenth of their time later: it is gone a tenth before the last rows at the earliest. It never goes
 * earlier than it was to go: one of rows that stay is left as it is.
 */
export class TableMark {
  readonly #options: MarkOptions;
  #dueMs = -Infinity;

  constructor(options: MarkOptions) {
    this.#options = options;
  }

  /** To be called when rows have been written: a mark before them would say rows of a table whose writer was killed. */
  async leave(scope: FetchScope): Promise<void> {
    const { connections, documents, key, expiryMs, durability, now } = this.#options;
    if (now() < this.#dueMs) return;
    const before = await connections.run(documents.readVersioned(key), scope);
    if (!this.#outlasts(before)) {
      const content = Buffer.from(JSON.stringify({ rows: true, ...(expiryMs === undefined ? {} : { expiryMs }) }));
      const options = couchbaseWriteOptions(connections.library, durability, expiryMs);
      // Another writer's mark came between: the next write sees whether it is as good.
      if (!(await connections.run(documents.writeAfter(before, key, content, options), scope))) return;
    }
    this.#dueMs = expiryMs === undefined ? Infinity : now() + expiryMs / 10;
  }

  /** Whether the mark there is was made for rows that stay longer than ours. */
  #outlasts(before: Versioned | undefined): boolean {
    if (before === undefined || before.stored === null) return false;
    const content = parseJsonObject(before.stored.toString());
    if (content === undefined) return false;
    const { expiryMs } = this.#options;
    const theirs = content['expiryMs'];
    return theirs === undefined || (expiryMs !== undefined && typeof theirs === 'number' && theirs > expiryMs);
  }
}
