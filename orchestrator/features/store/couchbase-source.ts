import { callerGone } from '../../../foundation/errors.ts';
import { Status, type Columns } from '../../plan/column.ts';
import { byFields } from '../by-fields.ts';
import { commonFailure, failureOf, type FailedFetch } from '../fetch-in-time.ts';
import { FetchScope } from '../fetch-scope.ts';
import { RowBlock } from '../row-block.ts';
import type { FeatureSource, FetchOptions, FieldSpec, Keys } from '../source.ts';
import type { CouchbaseConnections } from './couchbase-connections.ts';
import type { Ask, CouchbaseDocuments, Stored } from './couchbase-documents.ts';
import type { KeyLimit } from './key-limit.ts';
import { keyedRows, type KeyedRows } from './keyed-rows.ts';
import type { DecodeRow } from './row-encoding.ts';

export interface SourceOptions {
  connections: CouchbaseConnections;
  documents: CouchbaseDocuments;
  decoder: (fields: readonly FieldSpec[]) => DecodeRow<Buffer>;
  keyLimit: KeyLimit;
  /** What the keys of the table begin with. */
  prefix: string;
  /** How long a fetch may wait for the active copies, within its caller's deadline. */
  timeoutMs: number;
  /** Whether rows that were late are then read from any copy, in what is left of the caller's deadline. */
  allowReplica: boolean;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
}

/** How long any copy is waited for, however long the caller would wait. */
const LONGEST_REPLICA_MS = 2000;

/** A row that was not read, and why. */
interface Unread {
  key: string;
  row: number;
  failure: FailedFetch;
}

/** A table of a Couchbase store. A row is a get of its own: the protocol has none of many keys. */
export function couchbaseSource(options: SourceOptions): FeatureSource {
  const { connections, documents, decoder, keyLimit, prefix, timeoutMs, allowReplica, now } = options;
  const decoderOf = byFields(decoder);
  return {
    keepsTime: true,
    async fetch(keys: Keys, fields: readonly FieldSpec[], fetch: FetchOptions): Promise<Columns> {
      if (fetch.signal.aborted) throw callerGone();
      const block = new RowBlock(fields, keys.count);
      const lay = layer(decoderOf(fields), block);
      const [wanted] = keyedRows(prefix, keys, keyLimit, block);
      if (wanted === undefined) return block.columns;
      const pass = async (ask: (key: string) => Ask<Stored>, some: KeyedRows, limitMs: number): Promise<Unread[]> => {
        const scope = new FetchScope({ ...fetch, deadlineMs: Math.min(fetch.deadlineMs, now() + limitMs) }, now);
        try {
          return await readPass(connections, ask, some, lay, scope);
        } finally {
          scope.close();
        }
      };
      let unread = await pass((key) => documents.read(key), wanted, timeoutMs);
      if (allowReplica && unread.length > 0 && !fetch.signal.aborted) {
        const late = unread.filter(isLate);
        const some = { keys: late.map(({ key }) => key), rows: late.map(({ row }) => row) };
        const still = await pass((key) => documents.readAnyCopy(key), some, LONGEST_REPLICA_MS);
        // What no copy gave is what it was before: late.
        const rows = new Set(still.map(({ row }) => row));
        unread = unread.filter((each) => !isLate(each) || rows.has(each.row));
      }
      if (fetch.signal.aborted) throw callerGone();
      if (unread.length === wanted.rows.length) throw commonFailure(unread.map(({ failure }) => failure))!.cause;
      for (const { row, failure } of unread) block.unknown(row, failure.status);
      return block.columns;
    },
  };
}

/** Lays what there is for a row down in the block. */
function layer(decode: DecodeRow<Buffer>, block: RowBlock): (stored: Stored, row: number) => void {
  return (stored, row) => {
    if (stored === undefined) block.missing(row);
    else if (stored === null) block.undecodable(row);
    else decode(stored, block, row);
  };
}

/** Asks for each key, so many at a time as may be in flight, until all are there or the scope says stop. */
async function readPass(
  connections: CouchbaseConnections,
  ask: (key: string) => Ask<Stored>,
  { keys, rows }: KeyedRows,
  lay: (stored: Stored, row: number) => void,
  scope: FetchScope,
): Promise<Unread[]> {
  const unread: Unread[] = [];
  let next = 0;
  const readOn = async (): Promise<void> => {
    while (next < keys.length && !scope.stop.aborted) {
      const at = next++;
      try {
        lay(await connections.run(ask(keys[at]), scope), rows[at]);
      } catch (cause) {
        unread.push({ key: keys[at], row: rows[at], failure: failureOf(cause) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(connections.maxInFlight, keys.length) }, readOn));
  if (next < keys.length) {
    const failure = failureOf(connections.stopped(scope));
    for (; next < keys.length; next++) unread.push({ key: keys[next], row: rows[next], failure });
  }
  return unread;
}

const isLate = ({ failure }: Unread): boolean => failure.status === Status.TIMEOUT;
