import { join } from 'node:path';
import { Redis } from 'iovalkey';
import { RedisServer } from '../../servers/redis.ts';
import { EXAMPLE, type SoakedStore } from './running-store.ts';

/** A Redis that keeps its rows when it is killed (`appendonly`), and refuses new ones when it is full. */
export class SoakedRedis implements SoakedStore {
  readonly server: RedisServer;
  readonly overlay = join(EXAMPLE, 'redis.yaml');

  private constructor(server: RedisServer) {
    this.server = server;
  }

  static async open(): Promise<SoakedRedis> {
    return new SoakedRedis(await RedisServer.start('--appendonly', 'yes', '--maxmemory-policy', 'noeviction'));
  }

  get environment(): Record<string, string> {
    return { REDIS_URL: this.server.url };
  }

  /** Resolves when it answers a client that does nothing else. */
  async answers(): Promise<void> {
    await this.ask((client) => client.ping());
  }

  async ask<Reply>(command: (client: Redis) => Promise<Reply>): Promise<Reply> {
    const client = new Redis(this.server.url);
    try {
      return await command(client);
    } finally {
      client.disconnect();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server.stop();
  }
}
