import type { Redis } from 'iovalkey';
import { AppError } from '../../../foundation/errors.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { Row, RowSink } from '../source.ts';
import { REDIS_KEY_LIMIT } from './redis-key.ts';
import { newestWriter, sendNewest, type NewestWrite } from './redis-newest.ts';
import { pipelined } from './redis-pipeline.ts';
import type { RedisRows, RowWrite } from './redis-rows.ts';
import type { RedisServers, SendRows, Written } from './redis-servers.ts';

/** A pipeline ends at so many rows, or bytes: its answers are all there before the one after the next is sent. */
const ROWS_A_PIPELINE = 500;
const BYTES_A_PIPELINE = 1024 * 1024;
/** While one is written by the server, the next is on its way. */
const PIPELINES_AT_ONCE = 2;

export interface SinkOptions {
  servers: RedisServers;
  rows: RedisRows;
  table: string;
  /** What the keys of the table begin with. */
  prefix: string;
  /** Rows vanish so long after they were written; undefined: they stay. */
  expiryMs: number | undefined;
  /** Whether a row that is newer than the one to write stays. Default false. */
  newest?: boolean;
  now: () => number;
}

/** How rows are made ready, and some of them sent: gives how many were put in place. */
interface Writing<Write extends { key: string; size: number }> {
  writeOf: (key: string, row: Row) => Write;
  send: SendRows<Write>;
}

/**
 * Rows are encoded first, so that a bad one leaves nothing behind, then sent in pipelines, each row for itself: where
 * the server refuses one (it is full, or a replica), others of the call may stand, and the same call can be sent again.
 * What is acknowledged is visible to all readers; how durable it is then is the server's to say (`appendfsync`).
 */
export function redisSink(options: SinkOptions): RowSink {
  const { rows, table, expiryMs } = options;
  if (!options.newest) return sinkOf(options, { writeOf: rows.writer(table, expiryMs), send });
  const sendNewer = (client: Redis, writes: readonly NewestWrite[], isAsking: boolean): Promise<readonly Written[]> =>
    sendNewest(client, rows, writes, isAsking);
  return sinkOf(options, { writeOf: newestWriter(rows, table, expiryMs), send: sendNewer });
}

function sinkOf<Write extends { key: string; size: number }>(
  { servers, prefix, now }: SinkOptions,
  { writeOf, send: sendRows }: Writing<Write>,
): RowSink {
  return {
    async write(given, { signal }) {
      if (signal.aborted) throw new AppError('CANCELLED', 'The write was cancelled.');
      const pipelines = pipelinesOf(
        given.map((row) => {
          const key = prefix + row.key;
          REDIS_KEY_LIMIT.check(key);
          return writeOf(key, row);
        }),
      );
      // A server that takes rows however slowly is written to until the signal says stop; one that is silent is not.
      const scope = new FetchScope({ signal, deadlineMs: Infinity }, now);
      let next = 0;
      let written = 0;
      const sendOn = async (): Promise<void> => {
        while (next < pipelines.length) {
          const writes = pipelines[next++];
          const put = await servers.write(writes, sendRows, scope);
          written += put; // not in one: it would be read before the wait, and the other sender's count be lost
        }
      };
      try {
        await Promise.all(Array.from({ length: PIPELINES_AT_ONCE }, sendOn));
      } finally {
        next = pipelines.length;
        scope.close();
      }
      return written;
    },
  };
}

function pipelinesOf<Write extends { size: number }>(writes: readonly Write[]): Write[][] {
  const pipelines: Write[][] = [];
  let last: Write[] = [];
  let bytes = 0;
  for (const write of writes) {
    if (last.length === 0 || last.length === ROWS_A_PIPELINE || bytes + write.size > BYTES_A_PIPELINE) {
      pipelines.push((last = []));
      bytes = 0;
    }
    last.push(write);
    bytes += write.size;
  }
  return pipelines;
}

/** What became of each row: the first refusal of its commands is the one that says why. */
async function send(client: Redis, writes: readonly RowWrite[], isAsking: boolean): Promise<readonly Written[]> {
  const replies = await pipelined(client, writes, (pipeline, write) => write.send(pipeline), isAsking);
  return replies.map((ofRow) => ofRow.find(([error]) => error !== null)?.[0] ?? true);
}
