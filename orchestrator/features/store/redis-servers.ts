import type { FailedFetch } from '../fetch-in-time.ts';
import type { FetchScope } from '../fetch-scope.ts';
import type { RowBlock } from '../row-block.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RowReader, RowWrite } from './redis-rows.ts';

/** Some keys of a fetch, and the rows of its block that they are. */
export interface KeyedRows {
  keys: string[];
  rows: number[];
}

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
   * Resolves when every row is taken; throws AppError with the first refusal, which is the one that says why, and
   * others may then have been taken.
   */
  write(writes: readonly RowWrite[], scope: FetchScope): Promise<void>;
  /**
   * Those that have all keys between them, for who goes through all keys. Throws AppError FEATURE_UNAVAILABLE while
   * there are keys of which nobody is known to have them.
   */
  holdersOfAll(): readonly RedisConnection[];
  /** Ends all connections; what is on them, and whoever asks later, is told that there are none. */
  close(): Promise<void>;
}
