import type { Store } from '../source.ts';
import { keepAuthority } from './couchbase-authority.ts';
import { CouchbaseConnections } from './couchbase-connections.ts';
import { CouchbaseDocuments } from './couchbase-documents.ts';
import { couchbaseKeyLimit } from './couchbase-key.ts';
import { importCouchbase } from './couchbase-library.ts';
import { isEmptyTable, tableKeys } from './couchbase-listing.ts';
import { markKey, TableMark } from './couchbase-mark.ts';
import {
  couchbaseOptions,
  couchbaseWriteOptions,
  trusting,
  type CouchbaseLogin,
  type Durability,
} from './couchbase-options.ts';
import { documentRows } from './couchbase-rows.ts';
import { couchbaseSink } from './couchbase-sink.ts';
import { couchbaseSource } from './couchbase-source.ts';
import type { RowEncoding } from './row-encoding.ts';
import { tablePrefix } from './row-key.ts';

export interface CouchbaseStoreOptions extends CouchbaseLogin {
  /** The store's name, for messages. */
  name: string;
  project: string;
  bucket: string;
  /** Default `_default`. */
  scope?: string;
  /** Default `_default`. One that is missing fails each fetch. */
  collection?: string;
  /** Rows that are texts are kept as JSON documents, rows that are bytes as binary ones. */
  encoding: RowEncoding;
  /** How long a fetch may wait for the active copies, within its caller's deadline. Default 30 ms. */
  timeoutMs?: number;
  /** Keys on the wire at once; what comes later waits in turn. Default 256. */
  maxInFlight?: number;
  /** Connections to each node, at least 1. Default 2. */
  numKvConnections?: number;
  /**
   * Whether rows that are late are read from any copy, which may be older, in what is left of the caller's deadline (of
   * which 2 s at most are used). Default false.
   */
  allowReplica?: boolean;
  /** Rows vanish so long after they were written, rounded up to whole seconds. Default: they stay. */
  expiryMs?: number;
  /** How safe a row must be before it counts as written. Default `none`: one node has it in memory. */
  durability?: Durability;
  /** How long a connection may take to be made. Default 5 s. */
  bootstrapTimeoutMs?: number;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  /** Spreads the moments at which many processes seek a cluster that was gone. */
  random: () => number;
}

/**
 * Opens a store that is a bucket of Couchbase. A cluster that is down stops nothing: the store opens, after
 * `bootstrapTimeoutMs` at the latest, its fetches fail at once, and it is found again by itself. Throws AppError where
 * the URL is none, NOT_READY where the client is not installed.
 */
export async function openCouchbaseStore(options: CouchbaseStoreOptions): Promise<Store> {
  const { name, project, bucket, scope = '_default', collection = '_default', now, random } = options;
  const { timeoutMs = 30, allowReplica = false, durability = 'none', tls = {} } = options;
  const { numKvConnections = 2, maxInFlight = 256, bootstrapTimeoutMs = 5000 } = options;
  const library = await importCouchbase(name);
  const told = couchbaseOptions(name, options, bootstrapTimeoutMs);
  const authority = tls.authority === undefined ? undefined : await keepAuthority(tls.authority);
  const connections = await CouchbaseConnections.open({
    ...(authority === undefined ? told : trusting(authority.path, told)),
    store: name,
    library,
    bucket,
    scope,
    collection,
    connections: numKvConnections,
    maxInFlight,
    now,
    random,
  });
  const rows = documentRows(options.encoding);
  const documents = new CouchbaseDocuments(library, rows.format);
  const marks = new CouchbaseDocuments(library, 'json');
  const keyLimit = couchbaseKeyLimit(scope, collection);
  return {
    source: (table) =>
      couchbaseSource({
        connections,
        documents,
        decoder: (fields) => rows.decoder(fields),
        keyLimit,
        prefix: tablePrefix(project, table),
        timeoutMs,
        allowReplica,
        now,
      }),
    sink(table, { expiryMs = options.expiryMs, newest = false } = {}) {
      const key = markKey(project, table);
      return couchbaseSink({
        connections,
        documents,
        encode: rows.encoder(table),
        decodeTime: rows.decoder([]),
        keyLimit,
        prefix: tablePrefix(project, table),
        writing: couchbaseWriteOptions(library, durability, expiryMs),
        newest,
        mark: new TableMark({ connections, documents: marks, key, expiryMs, durability, now }),
        now,
      });
    },
    isEmpty: (table) =>
      isEmptyTable(connections, marks, { prefix: tablePrefix(project, table), mark: markKey(project, table) }, now),
    keys: (table, { signal }) => tableKeys(connections, tablePrefix(project, table), signal, now),
    get isReachable() {
      return connections.isReady;
    },
    async close() {
      await connections.close();
      await authority?.remove();
    },
  };
}
