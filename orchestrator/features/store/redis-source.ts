import { callerGone } from '../../../foundation/errors.ts';
import type { Columns } from '../../plan/column.ts';
import { byFields } from '../by-fields.ts';
import type { FailedFetch } from '../fetch-in-time.ts';
import { RowBlock } from '../row-block.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { FeatureSource, FetchOptions, FieldSpec, Keys } from '../source.ts';
import { REDIS_KEY_LIMIT } from './redis-key.ts';
import type { RedisRows } from './redis-rows.ts';
import { commonFailure, type KeyedRows, type RedisServers } from './redis-servers.ts';

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
        const chunks = chunksOf(prefix, keys, block);
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

function chunksOf(prefix: string, { count, text }: Keys, block: RowBlock): KeyedRows[] {
  const chunks: KeyedRows[] = [];
  let chunk: KeyedRows | undefined;
  for (let row = 0; row < count; row++) {
    const key = prefix + text[row];
    if (REDIS_KEY_LIMIT.isExceededBy(key)) {
      block.missing(row);
      continue;
    }
    if (chunk === undefined || chunk.keys.length === KEYS_A_COMMAND) chunks.push((chunk = { keys: [], rows: [] }));
    chunk.keys.push(key);
    chunk.rows.push(row);
  }
  return chunks;
}
