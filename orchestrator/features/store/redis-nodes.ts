import type { RedisPlace } from './redis-group.ts';
import { SILENCE_MS, type RedisConnection } from './redis-connection.ts';

/** The servers of a store that has many: one connection each, opened when it is first asked for. */
export class RedisNodes {
  readonly #open: (place: RedisPlace) => RedisConnection;
  readonly #connections = new Map<string, RedisConnection>();
  /** Those that are no longer needed, while what is still on them lands. */
  readonly #leaving = new Map<RedisConnection, NodeJS.Timeout>();
  #isClosed = false;

  constructor(open: (place: RedisPlace) => RedisConnection) {
    this.#open = open;
  }

  /** All that are connected to, or sought. */
  get all(): RedisConnection[] {
    return [...this.#connections.values()];
  }

  at(place: RedisPlace): RedisConnection {
    const name = `${place.host} ${place.port}`;
    let connection = this.#connections.get(name);
    if (connection === undefined) {
      this.#connections.set(name, (connection = this.#open(place)));
      // A last reply may still name a server.
      if (this.#isClosed) void connection.close();
    }
    return connection;
  }

  /** Parts with all others. What is on their connections has as long to land as a silent server is given. */
  keepOnly(kept: ReadonlySet<RedisConnection>): void {
    for (const [name, connection] of this.#connections) {
      if (kept.has(connection)) continue;
      this.#connections.delete(name);
      const timer = setTimeout(() => {
        this.#leaving.delete(connection);
        void connection.close();
      }, SILENCE_MS);
      this.#leaving.set(connection, timer);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    const all = [...this.#connections.values(), ...this.#leaving.keys()];
    this.#connections.clear();
    this.#leaving.clear();
    await Promise.all(all.map((connection) => connection.close()));
  }
}
