import { placeOf } from './redis-redirection.ts';
import type { RedisPlace } from './redis-group.ts';
import type { ShardPlaces } from './redis-shard-map.ts';

/** A server in the reply of CLUSTER SLOTS: where it is, then what is of no use here. */
type SlotsServer = readonly [host: string | null, port: number, ...rest: unknown[]];
type SlotsRange = readonly [first: number, last: number, ...servers: SlotsServer[]];

/**
 * The shards of a cluster by the reply of CLUSTER SLOTS: not CLUSTER SHARDS, which came with Redis 7 alone. `asked` is
 * the host that gave it. Throws where nobody has any slot: a server that has not met the others yet knows none.
 */
export function clusterShards(reply: unknown, asked: string): ShardPlaces[] {
  const byMaster = new Map<string, { master: RedisPlace; replicas: RedisPlace[]; slots: [number, number][] }>();
  for (const [first, last, ...servers] of reply as readonly SlotsRange[]) {
    const [master, ...replicas] = servers.map(([host, port]) => placeOf(host, port, asked));
    if (master === undefined) continue;
    const name = `${master.host} ${master.port}`;
    let shard = byMaster.get(name);
    if (shard === undefined) {
      const reachable = replicas.filter((replica) => replica !== undefined);
      byMaster.set(name, (shard = { master, replicas: reachable, slots: [] }));
    }
    shard.slots.push([first, last]);
  }
  if (byMaster.size === 0) throw new Error('no server has any slot');
  return [...byMaster.values()];
}
