import type { Redis } from 'iovalkey';
import type { FailedFetch } from '../fetch-in-time.ts';
import type { FetchScope } from '../fetch-scope.ts';
import type { RowBlock } from '../row-block.ts';
import type { KeyedRows } from './keyed-rows.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RowReader } from './redis-rows.ts';

/** Whether a row was put in place, or why the server refused it. */
export type Written = boolean | Error;

/**
 * Sends rows to a server that has their keys, and gives what became of each, in their order. `isAsking` is as for
 * `pipelined` (redis-pipeline.ts): what is sent must all go through it.
 */
export type SendRows<Write> = (
  client: Redis,
  writes: readonly Write[],
  isAsking: boolean,
) => Promise<readonly Written[]>;

/** What a store's rows are on, one server or many: all that source, sink and scan need to know of them. */
export interface RedisServers {
  /** False while none is known to answer. */
  readonly isReachable: boolean;
  /**
   * Lays the rows of these keys down in the block; what could not be read is TIMEOUT or ERROR there. Gives what it
   * failed of where nothing could be read. Never rejects.
   */
  read(reader: RowReader, chunk: KeyedRows, block: RowBlock, scope: FetchScope): Promise<FailedFetch | undefined>;
  /**
   * Resolves with how many rows were put in place, when each was judged; throws AppError with the first refusal, and
   * other rows may then stand.
   */
  write<Write extends { key: string }>(
    writes: readonly Write[],
    send: SendRows<Write>,
    scope: FetchScope,
  ): Promise<number>;
  /**
   * Those that have all keys between them, for who goes through all keys. Throws AppError FEATURE_UNAVAILABLE while
   * there are keys of which nobody is known to have them.
   */
  holdersOfAll(): readonly RedisConnection[];
  /** Ends all connections; what is on them, and whoever asks later, is told that there are none. */
  close(): Promise<void>;
}

/** How many rows were put in place; throws the first refusal, which is the one that says why. */
export function countWritten(written: readonly Written[]): number {
  let count = 0;
  for (const each of written) {
    if (each instanceof Error) throw each;
    if (each) count++;
  }
  return count;
}
