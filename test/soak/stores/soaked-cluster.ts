import { fileURLToPath } from 'node:url';
import { RedisCluster } from '../../servers/redis-cluster.ts';
import type { Trouble } from '../troubles/trouble.ts';
import type { SoakedStore } from './running-store.ts';

/** Nodes of the cluster: masters are counted first, then their replicas. */
const [KILLED, HEIR, SURVIVORS] = [0, 3, [1, 2, 3, 4, 5]];

/** A Redis Cluster of three masters, each with a replica. */
export class SoakedCluster implements SoakedStore {
  readonly cluster: RedisCluster;
  readonly overlay = fileURLToPath(new URL('cluster.yaml', import.meta.url));

  private constructor(cluster: RedisCluster) {
    this.cluster = cluster;
  }

  static async open(): Promise<SoakedCluster> {
    return new SoakedCluster(await RedisCluster.start({ masters: 3, replicas: [1, 1, 1] }));
  }

  get environment(): Record<string, string> {
    const [first, second, third] = this.cluster.urls;
    return { MASTER_1_URL: first, MASTER_2_URL: second, MASTER_3_URL: third };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cluster.stop();
  }
}

/** It is mended by nobody: it lasts until the replica is the master and all who are left say `cluster_state:ok`. */
export const FAILOVER: Trouble<SoakedCluster> = {
  name: 'failing over, one of three masters being killed',
  lastsMs: 0,
  async begin({ cluster }) {
    await cluster.untilFollows(HEIR, KILLED);
    await cluster.nodes[KILLED].kill();
  },
  async mend({ cluster }) {
    await cluster.untilIsMaster(HEIR);
    await cluster.untilOk(SURVIVORS);
  },
};
