import type { Redis } from 'iovalkey';
import { RedisAdmins } from './redis-admins.ts';
import { RedisServer } from './redis.ts';
import { until } from './until.ts';

const SLOTS = 16_384;

/** What is waited for by default: 15 s for a silent node, 5 s for more replicas, 10 s for a replica to be told of. */
const HASTY = ['--cluster-node-timeout', '1000', '--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];

export interface ClusterShape {
  masters: number;
  /** Replicas of the first master, then of the second, and so on. Default: none. */
  replicas?: readonly number[];
  /** Of every node, as on its command line. Default: none. */
  options?: readonly string[];
}

/**
 * A Redis Cluster of a test's own. Formed by plain commands of Redis 6, for there may be no redis-cli. Nodes are counted:
 * first the masters, which have equal parts of the slots in their order, then the replicas.
 */
export class RedisCluster {
  readonly nodes: readonly RedisServer[];
  readonly #masters: number;
  readonly #admins = new RedisAdmins();

  private constructor(nodes: readonly RedisServer[], masters: number) {
    this.nodes = nodes;
    this.#masters = masters;
  }

  /** Resolves when every node says that all is well, and every replica follows its master. */
  static async start({ masters, replicas = [], options = [] }: ClusterShape): Promise<RedisCluster> {
    const mastersOf = replicas.flatMap((count, master) => Array.from({ length: count }, () => master));
    const prepared = Array.from({ length: masters + mastersOf.length }, () =>
      RedisServer.prepareNode(...HASTY, ...options),
    );
    const cluster = new RedisCluster(await Promise.all(prepared), masters);
    await Promise.all(cluster.nodes.map((node) => node.run()));
    for (let at = 0; at < masters; at++) {
      const [first, end] = [at, at + 1].map((part) => Math.ceil((part * SLOTS) / masters));
      const slots = Array.from({ length: end - first }, (_, slot) => first + slot);
      await cluster.admin(at).cluster('ADDSLOTS', ...slots);
      await cluster.admin(at).cluster('SET-CONFIG-EPOCH', at + 1);
    }
    for (let at = 1; at < cluster.nodes.length; at++) {
      await cluster.admin(at).cluster('MEET', '127.0.0.1', cluster.nodes[0].port);
    }
    await cluster.untilAll(`cluster_known_nodes:${cluster.nodes.length}`);
    for (const [at, master] of mastersOf.entries()) {
      await cluster.admin(masters + at).cluster('REPLICATE', await cluster.id(master));
      await cluster.untilFollows(masters + at, master);
    }
    await cluster.untilOk();
    for (const [at] of mastersOf.entries()) await cluster.untilTold(cluster.nodes[masters + at]);
    return cluster;
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  /** A connection for the test's own commands. */
  admin(at: number): Redis {
    return this.#admins.at(this.nodes[at].port);
  }

  id(at: number): Promise<string> {
    return this.admin(at).cluster('MYID');
  }

  slotOf(key: string): Promise<number> {
    return this.admin(0).cluster('KEYSLOT', key);
  }

  /** The master that has a key from the start. */
  async ownerOf(key: string): Promise<number> {
    const slot = await this.slotOf(key);
    const ranges = await this.admin(0).cluster('SLOTS');
    const range = ranges.find(([first, last]) => first <= slot && slot <= last);
    return this.nodes.findIndex(({ port }) => port === range?.[2][1]);
  }

  /** A slot begins its way to another master: keys go there one by one, until `endMove`. */
  async beginMove(slot: number, from: number, to: number): Promise<void> {
    await this.admin(to).cluster('SETSLOT', slot, 'IMPORTING', await this.id(from));
    await this.admin(from).cluster('SETSLOT', slot, 'MIGRATING', await this.id(to));
  }

  async moveKey(key: string, from: number, to: number): Promise<void> {
    await this.admin(from).migrate('127.0.0.1', this.nodes[to].port, key, 0, 1000);
  }

  /** The slot has gone, as all masters know at once. */
  async endMove(slot: number, to: number): Promise<void> {
    const owner = await this.id(to);
    for (const at of [to, ...this.nodes.keys()]) {
      if (at < this.#masters) await this.admin(at).cluster('SETSLOT', slot, 'NODE', owner);
    }
  }

  /** Resolves when these nodes, all unless told otherwise, say that all slots are served. */
  untilOk(nodes = [...this.nodes.keys()]): Promise<void> {
    return this.untilAll('cluster_state:ok', nodes);
  }

  async untilAll(said: string, nodes = [...this.nodes.keys()]): Promise<void> {
    for (const at of nodes) await until(async () => (await this.admin(at).cluster('INFO')).includes(said));
  }

  /** Resolves when a replica has all that its master has now. */
  untilFollows(at: number, master: number): Promise<void> {
    return this.#admins.untilFollows(this.nodes[at].port, this.nodes[master].port);
  }

  /** Resolves when a replica has become a master, and says that all is well. */
  async untilIsMaster(at: number): Promise<void> {
    await until(async () => (await this.admin(at).info('replication')).includes('role:master'));
    await this.untilOk([at]);
  }

  /** Resolves when every node but itself, and those that are down, tells of a node in CLUSTER SLOTS. */
  async untilTold({ port }: RedisServer): Promise<void> {
    for (const at of this.nodes.keys()) {
      await until(async () => JSON.stringify(await this.admin(at).cluster('SLOTS')).includes(`,${port},`));
    }
  }

  async stop(): Promise<void> {
    this.#admins.close();
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
