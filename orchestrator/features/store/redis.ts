import type { Store } from '../source.ts';
import { jsonRows } from './json-row.ts';
import { redisAddress, type RedisLogin } from './redis-address.ts';
import { RedisConnection } from './redis-connection.ts';
import { HASH_ROWS } from './redis-hash-rows.ts';
import { oneServer } from './redis-one-server.ts';
import type { RedisRows } from './redis-rows.ts';
import { isEmptyTable, tableKeys } from './redis-scan.ts';
import { redisSink } from './redis-sink.ts';
import { redisSource } from './redis-source.ts';
import { valueRows } from './redis-value-rows.ts';
import type { RowEncoding } from './row-encoding.ts';
import { tablePrefix } from './row-key.ts';

export interface RedisStoreOptions extends RedisLogin {
  /** The store's name, for messages. */
  name: string;
  project: string;
  /** `json`: a row is one value; `hash`: a row is a hash of texts; or any other way for a row to be one value. */
  encoding: 'json' | 'hash' | RowEncoding;
  /** How long a fetch may take, within its caller's deadline. Default 30 ms. */
  timeoutMs?: number;
  /** How long a connection may take to be made. Default 1 s. */
  connectTimeoutMs?: number;
  /** Commands and pipelines on the wire at once; what comes later waits in turn. Default 256. */
  maxInFlight?: number;
  /** Rows vanish so long after they were written. Default: they stay. */
  expiryMs?: number;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  /** Spreads the moments at which many processes seek a server that was gone. */
  random: () => number;
}

/**
 * Opens a store of the Redis family: Redis, Valkey, Dragonfly. Needs no module, and no command beyond those of
 * redis-commands.ts. A server that is down stops nothing: the store opens, its fetches fail at once, and it is found
 * again by itself. Throws AppError where the URL is none.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const { name, project, encoding, timeoutMs = 30, expiryMs, now } = options;
  const connection = await RedisConnection.open({
    store: name,
    address: redisAddress(name, options),
    connectTimeoutMs: options.connectTimeoutMs ?? 1000,
    maxInFlight: options.maxInFlight ?? 256,
    random: options.random,
  });
  const servers = oneServer(connection);
  const rows = rowsOf(encoding);
  return {
    source: (table) => redisSource({ servers, rows, prefix: tablePrefix(project, table), timeoutMs, now }),
    sink: (table, sinkOptions) =>
      redisSink({ servers, rows, table, prefix: tablePrefix(project, table), expiryMs, now, ...sinkOptions }),
    isEmpty: (table) => isEmptyTable(servers, tablePrefix(project, table), now),
    keys: (table, { signal }) => tableKeys(servers, tablePrefix(project, table), signal, now),
    get isReachable() {
      return servers.isReachable;
    },
    close: () => servers.close(),
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
