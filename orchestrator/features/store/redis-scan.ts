import { AppError } from '../../../foundation/errors.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Keys that one SCAN looks at: about 100 µs of the server's time. */
const KEYS_A_SCAN = 1000;
/** A table's keys may be any of the database's: who asks waits no longer than this for one of millions. */
const LONGEST_SCAN_MS = 5000;

/**
 * True where no key of the database begins with the prefix. A database too large to be gone through in five seconds is
 * told as holding some: what is done to an empty table (it is filled) is then left.
 */
export async function isEmptyTable(connection: RedisConnection, prefix: string, now: () => number): Promise<boolean> {
  const signal = new AbortController().signal;
  const scope = new FetchScope({ signal, asOfMs: 0, deadlineMs: now() + LONGEST_SCAN_MS }, now);
  const pattern = `${prefix.replace(/[*?[\]\\^]/g, '\\$&')}*`;
  let cursor = '0';
  try {
    do {
      const from = cursor;
      const [next, keys] = await connection.run(
        (client) => client.scan(from, 'MATCH', pattern, 'COUNT', KEYS_A_SCAN),
        scope,
      );
      if (keys.length > 0) return false;
      cursor = next;
    } while (cursor !== '0');
    return true;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'DEADLINE_EXCEEDED' && cursor !== '0') return false;
    throw cause;
  } finally {
    scope.close();
  }
}
