import { Redis } from 'iovalkey';
import { until } from './until.ts';

/** A test's own connections to servers of the loopback, by their ports: made when asked for, also after one was lost. */
export class RedisAdmins {
  readonly #connections = new Map<number, Redis>();

  at(port: number): Redis {
    let connection = this.#connections.get(port);
    if (connection === undefined || connection.status === 'end') {
      connection = new Redis({ port, retryStrategy: () => null });
      connection.on('error', () => this.#connections.delete(port));
      this.#connections.set(port, connection);
    }
    return connection;
  }

  /** Resolves when a replica has all that its master has now. */
  async untilFollows(replica: number, master: number): Promise<void> {
    const offset = /master_repl_offset:(\d+)/.exec(await this.at(master).info('replication'))?.[1];
    await until(async () => {
      const said = await this.at(replica).info('replication');
      const own = /slave_repl_offset:(\d+)/.exec(said)?.[1];
      return said.includes('master_link_status:up') && Number(own) >= Number(offset);
    });
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.disconnect();
  }
}
