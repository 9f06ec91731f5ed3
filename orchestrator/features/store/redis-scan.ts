import { AppError } from '../../../foundation/errors.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RedisServers } from './redis-servers.ts';

/** Keys that one SCAN looks at: about 100 µs of the server's time. */
const KEYS_A_SCAN = 1000;
/** A table's keys may be any of the database's: who asks waits no longer than this for one of millions. */
const LONGEST_SCAN_MS = 5000;

/**
 * True where no key of the database begins with the prefix. A database too large to be gone through in five seconds is
 * told as holding some: what is done to an empty table (it is filled) is then left.
 */
export async function isEmptyTable(servers: RedisServers, prefix: string, now: () => number): Promise<boolean> {
  const signal = new AbortController().signal;
  const scope = new FetchScope({ signal, deadlineMs: now() + LONGEST_SCAN_MS }, now);
  let hasBegun = false;
  try {
    for await (const keys of scanAll(servers, prefix, scope)) {
      if (keys.length > 0) return false;
      hasBegun = true;
    }
    return true;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'DEADLINE_EXCEEDED' && hasBegun) return false;
    throw cause;
  } finally {
    scope.close();
  }
}

/** The keys of a table, without its prefix, a page for each SCAN that found some. */
export async function* tableKeys(
  servers: RedisServers,
  prefix: string,
  signal: AbortSignal,
  now: () => number,
): AsyncGenerator<string[]> {
  const scope = new FetchScope({ signal, deadlineMs: Infinity }, now);
  try {
    for await (const keys of scanAll(servers, prefix, scope)) {
      if (keys.length > 0) yield keys.map((key) => key.slice(prefix.length));
    }
  } finally {
    scope.close();
  }
}

async function* scanAll(servers: RedisServers, prefix: string, scope: FetchScope): AsyncGenerator<string[]> {
  const pattern = `${prefix.replace(/[*?[\]\\^]/g, '\\$&')}*`;
  for (const server of servers.holdersOfAll()) yield* scan(server, pattern, scope);
}

/** What each SCAN of a server finds, from its beginning to its end. */
async function* scan(server: RedisConnection, pattern: string, scope: FetchScope): AsyncGenerator<string[]> {
  let cursor = '0';
  do {
    const from = cursor;
    const [next, keys] = await server.run((client) => client.scan(from, 'MATCH', pattern, 'COUNT', KEYS_A_SCAN), scope);
    yield keys;
    cursor = next;
  } while (cursor !== '0');
}
