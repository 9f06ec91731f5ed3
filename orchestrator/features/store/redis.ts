import type { Store } from '../source.ts';
import { jsonRows } from './json-row.ts';
import { HASH_ROWS } from './redis-hash-rows.ts';
import { inspectRedis, redisRowBytes } from './redis-inspect.ts';
import type { TrackingListener } from './redis-tracking.ts';
import type { RedisRows } from './redis-rows.ts';
import { isEmptyTable, tableKeys } from './redis-scan.ts';
import { redisSink } from './redis-sink.ts';
import { redisSource } from './redis-source.ts';
import { valueRows } from './redis-value-rows.ts';
import { RowWatchers } from './row-watchers.ts';
import { openServers, type RedisWhere } from './redis-where.ts';
import type { RowEncoding } from './row-encoding.ts';
import { tablePrefix } from './row-key.ts';

export interface RedisStoreOptions extends RedisWhere {
  /** The store's name, for messages. */
  name: string;
  project: string;
  /** `json`: a row is one value; `hash`: a row is a hash of texts; or any other way for a row to be one value. */
  encoding: 'json' | 'hash' | RowEncoding;
  /** How long a fetch may take, within its caller's deadline. Default 30 ms. */
  timeoutMs?: number;
  /** How long a connection may take to be made. Default 1 s. */
  connectTimeoutMs?: number;
  /** Commands and pipelines on the wire to a server at once; what comes later waits in turn. Default 256. */
  maxInFlight?: number;
  /** Rows vanish so long after they were written. Default: they stay. */
  expiryMs?: number;
  /**
   * Whether the server tells of rows that were read here when they change (`CLIENT TRACKING`), so that caches before the
   * store see them at once. Where it refuses, `onRefused` says so, once. Default false.
   */
  invalidation?: boolean;
  onRefused?: (cause: Error) => void;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  /** Spreads the moments at which many processes seek a server that was gone. */
  random: () => number;
}

/**
 * Opens a store of the Redis family: Redis, Valkey, Dragonfly; one server, a cluster, or the master that sentinels name.
 * Needs no module, and no command beyond those of redis-commands.ts. Servers that are down stop nothing: the store opens,
 * its fetches fail at once, and they are found again by themselves. Throws AppError where what is asked for cannot be.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const {
    name,
    project,
    encoding,
    timeoutMs = 30,
    connectTimeoutMs = 1000,
    maxInFlight = 256,
    expiryMs,
    now,
    random,
    invalidation = false,
    onRefused,
    ...where
  } = options;
  const watchers = invalidation ? new RowWatchers(project) : undefined;
  const each = {
    store: name,
    connectTimeoutMs,
    maxInFlight,
    random,
    ...(watchers && { tracking: trackingOf(watchers, onRefused) }),
  };
  const servers = await openServers(where, each, now);
  const rows = rowsOf(encoding);
  return {
    source: (table) => redisSource({ servers, rows, prefix: tablePrefix(project, table), timeoutMs, now }),
    sink: (table, sinkOptions) =>
      redisSink({ servers, rows, table, prefix: tablePrefix(project, table), expiryMs, now, ...sinkOptions }),
    isEmpty: (table) => isEmptyTable(servers, tablePrefix(project, table), now),
    keys: (table, { signal }) => tableKeys(servers, tablePrefix(project, table), signal, now),
    inspect: (asked) => inspectRedis({ servers, now }, expiryMs, asked),
    rowBytes(table, keys, asked) {
      const what = { prefix: tablePrefix(project, table), isHash: encoding === 'hash' };
      return redisRowBytes({ servers, now }, what, keys, asked);
    },
    ...(watchers && { watch: (table, watcher) => watchers.add(table, watcher) }),
    get isReachable() {
      return servers.isReachable;
    },
    close: () => servers.close(),
  };
}

function trackingOf(watchers: RowWatchers, onRefused: (cause: Error) => void = () => undefined): TrackingListener {
  return {
    onChanged: (keys) => (keys === undefined ? watchers.tellLost() : watchers.tellChanged(keys)),
    onLost: () => watchers.tellLost(),
    onRefused,
  };
}

function rowsOf(encoding: RedisStoreOptions['encoding']): RedisRows {
  switch (encoding) {
    case 'json':
      return valueRows(jsonRows);
    case 'hash':
      return HASH_ROWS;
    default:
      return valueRows(encoding);
  }
}
