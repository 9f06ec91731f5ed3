import { clusterShards } from './redis-cluster-shards.ts';
import { RedisConnection, type EachConnection } from './redis-connection.ts';
import { answerWithin, firstAnswer } from './redis-first-answer.ts';
import type { RedisGroup } from './redis-group.ts';
import type { RedisNodes } from './redis-nodes.ts';
import type { RedisServers } from './redis-servers.ts';
import type { ShardPlaces } from './redis-shard-map.ts';
import { openShards, type ShardsOptions } from './redis-shards.ts';

/** What is not where it was, servers say themselves: this finds new replicas. */
const CALM_MS = 10_000;

export interface ClusterOptions extends EachConnection, Pick<ShardsOptions, 'readsReplicas' | 'now'> {
  group: RedisGroup;
}

/**
 * Opens a cluster: a connection to each master, and to replicas where they are read, that live as that to a single
 * server does. Not the client library's own cluster, which promises less: its nodes queue what is asked while they are
 * not connected (ioredis#649), a node that restarts is forgotten (ioredis#587), and a pipeline fails of which one slot
 * has moved (ioredis#2075).
 */
export function openCluster({ group, now, readsReplicas, ...each }: ClusterOptions): Promise<RedisServers> {
  let looks = 0;
  const ask = async (node: RedisConnection): Promise<ShardPlaces[]> => {
    const reply = await answerWithin(node, (client) => client.cluster('SLOTS'), each.connectTimeoutMs, now);
    return clusterShards(reply, node.host);
  };
  const nodesToAsk = (nodes: RedisNodes): RedisConnection[] => {
    if (!nodes.all.some(({ isReady }) => isReady)) for (const seed of group.seeds) nodes.at(seed);
    return nodes.all;
  };
  return openShards({
    store: each.store,
    calmMs: CALM_MS,
    readsReplicas,
    now,
    random: each.random,
    connect: (place, onChange) =>
      new RedisConnection({ ...each, address: group.addressOf(place), readsReplica: readsReplicas, onChange }),
    discovery: (nodes) => ({
      // Another first each time: one alone may be cut off, and know no better.
      shards: () => firstAnswer(nodesToAsk(nodes), looks++, ask),
      close: () => Promise.resolve(),
    }),
  });
}
