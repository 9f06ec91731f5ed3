import { AppError } from '../../../foundation/errors.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { Row, RowSink } from '../source.ts';
import type { CouchbaseConnections } from './couchbase-connections.ts';
import type { CouchbaseDocuments } from './couchbase-documents.ts';
import type { TableMark } from './couchbase-mark.ts';
import type { CouchbaseWriteOptions } from './couchbase-options.ts';
import type { KeyLimit } from './key-limit.ts';
import type { DecodeRow } from './row-encoding.ts';
import { rowTimeMs, storedTimeMs } from './row-time.ts';

export interface SinkOptions {
  connections: CouchbaseConnections;
  documents: CouchbaseDocuments;
  encode: (row: Row) => Buffer;
  /** Of no field: what is asked for is the time of the row in place. */
  decodeTime: DecodeRow<Buffer>;
  keyLimit: KeyLimit;
  /** What the keys of the table begin with. */
  prefix: string;
  writing: CouchbaseWriteOptions;
  /** Leaves rows in place that are newer. */
  newest: boolean;
  mark: TableMark;
  now: () => number;
}

/** Rows of one call that are on the wire at once: a quarter of what a store may have, so that reads find a place. */
const ROWS_AT_ONCE = 64;

/** A row that is ready to be sent. */
interface Write {
  bytes: Buffer;
  /** NaN where the row does not say. */
  timeMs: number;
}

/**
 * Rows are encoded first, so that a bad one leaves nothing behind, then sent, each for itself: where the server refuses
 * one, others of the call may stand, and the same call can be sent again. Rows of one key are sent one after the other,
 * in their order; others in none.
 */
export function couchbaseSink(options: SinkOptions): RowSink {
  const { connections, mark, newest, now } = options;
  return {
    async write(given, { signal }) {
      if (signal.aborted) throw new AppError('CANCELLED', 'The write was cancelled.');
      const lanes = lanesOf(options, given);
      if (lanes.length === 0) return 0;
      // A server that takes rows however slowly is written to until the signal says stop; one that is silent is not.
      const scope = new FetchScope({ signal, deadlineMs: Infinity }, now);
      let next = 0;
      let written = 0;
      const sendOn = async (): Promise<void> => {
        while (next < lanes.length) {
          const [key, writes] = lanes[next++];
          for (const write of writes) {
            const isPut = newest ? await putNewest(options, key, write, scope) : await put(options, key, write, scope);
            if (isPut) written++;
          }
        }
      };
      try {
        await Promise.all(Array.from({ length: Math.min(ROWS_AT_ONCE, connections.maxInFlight) }, sendOn));
        await mark.leave(scope);
      } finally {
        next = lanes.length;
        scope.close();
      }
      return written;
    },
  };
}

/** The rows of each key, in their order. */
function lanesOf({ encode, keyLimit, prefix }: SinkOptions, rows: readonly Row[]): [key: string, Write[]][] {
  const lanes = new Map<string, Write[]>();
  for (const row of rows) {
    const key = prefix + row.key;
    keyLimit.check(key);
    const write = { bytes: encode(row), timeMs: rowTimeMs(row) };
    const lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, [write]);
    else lane.push(write);
  }
  return [...lanes];
}

async function put(options: SinkOptions, key: string, { bytes }: Write, scope: FetchScope): Promise<true> {
  await options.connections.run(options.documents.write(key, bytes, options.writing), scope);
  return true;
}

/** Reads what is in place and writes in its place, again where somebody else did between; false where that is newer. */
async function putNewest(options: SinkOptions, key: string, write: Write, scope: FetchScope): Promise<boolean> {
  const { connections, documents, writing } = options;
  // Without a time it goes in place of anything.
  if (Number.isNaN(write.timeMs)) return put(options, key, write, scope);
  for (;;) {
    const before = await connections.run(documents.readVersioned(key), scope);
    if (write.timeMs < storedTimeMs(options.decodeTime, before?.stored)) return false;
    if (await connections.run(documents.writeAfter(before, key, write.bytes, writing), scope)) return true;
  }
}
