import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'iovalkey';
import { freePort } from '../../foundation/free-port.ts';
import { RedisAdmins } from './redis-admins.ts';
import { RedisProcess } from './redis-process.ts';
import { RedisServer } from './redis.ts';
import { until } from './until.ts';

/** By what name the sentinels know the master. */
export const MASTER_NAME = 'mymaster';
const SENTINELS = 3;

/** One of the sentinels. Its folder goes with it. */
class Sentinel {
  readonly port: number;
  readonly #folder: string;
  readonly #process = new RedisProcess();

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  static async prepare(master: RedisServer): Promise<Sentinel> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-redis-sentinel-'));
    const sentinel = new Sentinel(await freePort(), folder);
    const lines = [
      `port ${sentinel.port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} 2`,
      `sentinel down-after-milliseconds ${MASTER_NAME} 500`,
      `sentinel failover-timeout ${MASTER_NAME} 2000`,
    ];
    await writeFile(join(folder, 'sentinel.conf'), `${lines.join('\n')}\n`);
    return sentinel;
  }

  run(): Promise<void> {
    return this.#process.run([join(this.#folder, 'sentinel.conf'), '--sentinel'], /Sentinel ID is/);
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A master, its replicas, and three sentinels that watch over them. Servers are counted: at first 0 is the master. */
export class RedisSentinels {
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly Sentinel[];
  readonly #admins = new RedisAdmins();

  private constructor(servers: readonly RedisServer[], sentinels: readonly Sentinel[]) {
    this.servers = servers;
    this.sentinels = sentinels;
  }

  /** Resolves when the sentinels know each other and all replicas, and those follow the master. */
  static async start(replicas: number): Promise<RedisSentinels> {
    const hasty = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
    const master = await RedisServer.start(...hasty);
    const following = [...hasty, '--replicaof', '127.0.0.1', `${master.port}`];
    const others = await Promise.all(Array.from({ length: replicas }, () => RedisServer.start(...following)));
    const sentinels = await Promise.all(Array.from({ length: SENTINELS }, () => Sentinel.prepare(master)));
    const all = new RedisSentinels([master, ...others], sentinels);
    for (let at = 1; at <= replicas; at++) await all.untilFollows(at, 0);
    await Promise.all(sentinels.map((sentinel) => sentinel.run()));
    await all.untilSettled();
    return all;
  }

  get urls(): string[] {
    return this.sentinels.map(({ port }) => `redis://127.0.0.1:${port}`);
  }

  /** A connection to a server, for the test's own commands. */
  admin(at: number): Redis {
    return this.#admins.at(this.servers[at].port);
  }

  /** A connection to a sentinel. */
  adminOfSentinel(at: number): Redis {
    return this.#admins.at(this.sentinels[at].port);
  }

  /** Resolves when a replica has all that its master has now. */
  untilFollows(at: number, master: number): Promise<void> {
    return this.#admins.untilFollows(this.servers[at].port, this.servers[master].port);
  }

  /** Resolves when all sentinels name a server as the master, and it is one. */
  async untilIsMaster(at: number): Promise<void> {
    const { port } = this.servers[at];
    for (const sentinel of this.sentinels.keys()) {
      await until(async () => {
        const named = await this.adminOfSentinel(sentinel).call('sentinel', 'get-master-addr-by-name', MASTER_NAME);
        return (named as string[])[1] === String(port);
      });
    }
    await until(async () => (await this.admin(at).info('replication')).includes('role:master'));
  }

  /** Resolves when all sentinels know each other, and of all servers but one that they follow it. */
  async untilSettled(): Promise<void> {
    for (const at of this.sentinels.keys()) {
      await until(async () => {
        const [known, replicas] = await Promise.all([
          this.adminOfSentinel(at).call('sentinel', 'sentinels', MASTER_NAME),
          this.adminOfSentinel(at).call('sentinel', 'replicas', MASTER_NAME),
        ]);
        const following = (replicas as string[][]).filter((fields) => {
          const of = (name: string): string => fields[fields.indexOf(name) + 1];
          return of('flags') === 'slave' && of('master-link-status') === 'ok';
        });
        return (known as unknown[]).length === SENTINELS - 1 && following.length === this.servers.length - 1;
      });
    }
  }

  async stop(): Promise<void> {
    this.#admins.close();
    await Promise.all([...this.sentinels, ...this.servers].map((each) => each.stop()));
  }
}
