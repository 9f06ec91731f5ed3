import type { Redis } from 'iovalkey';
import { AppError } from '../../../foundation/errors.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { Row, RowSink } from '../source.ts';
import type { RedisConnection } from './redis-connection.ts';
import { REDIS_KEY_LIMIT } from './redis-key.ts';
import { newestWriter, sendNewest, type NewestWrite } from './redis-newest.ts';
import type { RedisRows, RowWrite } from './redis-rows.ts';

/** A pipeline ends at so many rows, or bytes: its answers are all there before the one after the next is sent. */
const ROWS_A_PIPELINE = 500;
const BYTES_A_PIPELINE = 1024 * 1024;
/** While one is written by the server, the next is on its way. */
const PIPELINES_AT_ONCE = 2;

export interface SinkOptions {
  connection: RedisConnection;
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
interface Writing<Write extends { size: number }> {
  writeOf(key: string, row: Row): Write;
  send(client: Redis, writes: readonly Write[]): Promise<number>;
}

/**
 * Rows are encoded first, so that a bad one leaves nothing behind, then sent in pipelines, each row for itself: where
 * the server refuses one (it is full, or a replica), others of the call may stand, and the same call can be sent again.
 * What is acknowledged is visible to all readers; how durable it is then is the server's to say (`appendfsync`).
 */
export function redisSink(options: SinkOptions): RowSink {
  const { rows, table, expiryMs } = options;
  if (!options.newest) return sinkOf(options, { writeOf: rows.writer(table, expiryMs), send });
  const sendNewestOf = (client: Redis, writes: readonly NewestWrite[]): Promise<number> =>
    sendNewest(client, rows, writes);
  return sinkOf(options, { writeOf: newestWriter(rows, table, expiryMs), send: sendNewestOf });
}

function sinkOf<Write extends { size: number }>(
  { connection, prefix, now }: SinkOptions,
  writing: Writing<Write>,
): RowSink {
  return {
    async write(given, { signal }) {
      if (signal.aborted) throw new AppError('CANCELLED', 'The write was cancelled.');
      const pipelines = pipelinesOf(
        given.map((row) => {
          const key = prefix + row.key;
          REDIS_KEY_LIMIT.check(key);
          return writing.writeOf(key, row);
        }),
      );
      // A server that takes rows however slowly is written to until the signal says stop; one that is silent is not.
      const scope = new FetchScope({ signal, asOfMs: 0, deadlineMs: Infinity }, now);
      let next = 0;
      let written = 0;
      const sendOn = async (): Promise<void> => {
        while (next < pipelines.length) {
          const writes = pipelines[next++];
          const put = await connection.run((client) => writing.send(client, writes), scope);
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

/** Resolves when the server has taken every row; else throws the first refusal, which is the one that says why. */
async function send(client: Redis, writes: readonly RowWrite[]): Promise<number> {
  const pipeline = client.pipeline();
  for (const write of writes) write.send(pipeline);
  for (const [error] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
  }
  return writes.length;
}
