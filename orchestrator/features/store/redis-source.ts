import { callerGone } from '../../../foundation/errors.ts';
import type { Columns } from '../../plan/column.ts';
import { byFields } from '../by-fields.ts';
import { commonFailure, type FailedFetch } from '../fetch-in-time.ts';
import { RowBlock } from '../row-block.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { FeatureSource, FetchOptions, FieldSpec, Keys } from '../source.ts';
import { keyedRows, type KeyedRows } from './keyed-rows.ts';
import { REDIS_KEY_LIMIT } from './redis-key.ts';
import type { RedisRows } from './redis-rows.ts';
import type { RedisServers } from './redis-servers.ts';

/**
 * Keys of one command. A server does one command at a time: 10,000 keys in one would hold up all others for as long,
 * and nothing of them could be used at the deadline.
 */
const KEYS_A_COMMAND = 500;

export interface SourceOptions {
  servers: RedisServers;
  rows: RedisRows;
  /** What the keys of the table begin with. */
  prefix: string;
  /** How long a fetch may take, within its caller's deadline. */
  timeoutMs: number;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
}

/** A table of a store of the Redis family. */
export function redisSource({ servers, rows, prefix, timeoutMs, now }: SourceOptions): FeatureSource {
  const readerOf = byFields((fields) => rows.reader(fields));
  return {
    keepsTime: true,
    async fetch(keys: Keys, fields: readonly FieldSpec[], options: FetchOptions): Promise<Columns> {
      if (options.signal.aborted) throw callerGone();
      const block = new RowBlock(fields, keys.count);
      const reader = readerOf(fields);
      const scope = new FetchScope({ ...options, deadlineMs: Math.min(options.deadlineMs, now() + timeoutMs) }, now);
      const read = (chunk: KeyedRows): Promise<FailedFetch | undefined> => servers.read(reader, chunk, block, scope);
      try {
        const chunks = keyedRows(prefix, keys, REDIS_KEY_LIMIT, block, KEYS_A_COMMAND);
        // Nearly every fetch is one command, which needs no list of promises.
        const failures = chunks.length === 1 ? [await read(chunks[0])] : await Promise.all(chunks.map(read));
        const failure = commonFailure(failures);
        if (failure) throw failure.cause;
        return block.columns;
      } finally {
        scope.close();
      }
    },
  };
}
