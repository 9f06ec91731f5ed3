import type { Store } from '../../../../orchestrator/features/source.ts';
import { openRedisStore, type RedisStoreOptions } from '../../../../orchestrator/features/store/redis.ts';
import { now } from './numbers.ts';

/** A store with time enough for the largest of fetches, unless told otherwise. */
export function openTestStore(options: Partial<RedisStoreOptions>): Promise<Store> {
  return openRedisStore({
    name: 'online',
    project: 'nyc',
    encoding: 'json',
    timeoutMs: 20_000,
    now,
    random: () => 0.5,
    ...options,
  });
}
