import { failureOf } from '../fetch-in-time.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RowPlaces } from './redis-rows.ts';
import { countWritten, type RedisServers } from './redis-servers.ts';

/** A store's rows on one server: whatever is asked goes there as it is. */
export function oneServer(connection: RedisConnection): RedisServers {
  return {
    get isReachable() {
      return connection.isReady;
    },
    async read(reader, { keys, rows }, block, scope) {
      const places: RowPlaces = { block, rows, isOver: false };
      try {
        await connection.runMerged((client) => reader.read(client, keys, places), scope);
        return undefined;
      } catch (cause) {
        places.isOver = true;
        const failure = failureOf(cause);
        for (const row of rows) block.unknown(row, failure.status);
        return failure;
      }
    },
    write: (writes, send, scope) =>
      connection.run(async (client) => countWritten(await send(client, writes, false)), scope),
    holdersOfAll: () => [connection],
    close: () => connection.close(),
  };
}
