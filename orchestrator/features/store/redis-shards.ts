import type { RedisConnection } from './redis-connection.ts';
import type { RedisPlace } from './redis-group.ts';
import { RedisNodes } from './redis-nodes.ts';
import { RedisRoutes } from './redis-routes.ts';
import type { RedisServers } from './redis-servers.ts';
import { ShardMap, type Shard, type ShardPlaces } from './redis-shard-map.ts';
import { readShards } from './redis-shard-read.ts';
import { writeShards } from './redis-shard-write.ts';
import { RedisWatch } from './redis-watch.ts';

/** Who knows which servers there are. */
interface Discovery {
  /** Throws where nobody says. */
  shards(): Promise<readonly ShardPlaces[]>;
  close(): Promise<void>;
}

export interface ShardsOptions {
  /** The store's name, for messages. */
  store: string;
  /** Opens the connection to a server. `onChange` is told when it has become ready, and when there is none any longer. */
  connect: (place: RedisPlace, onChange: (isReady: boolean) => void) => RedisConnection;
  /** `nodes` are the connections to the shards' servers. */
  discovery: (nodes: RedisNodes, onChange: (isReady: boolean) => void) => Discovery;
  /** How often discovery is asked while all is well. */
  calmMs: number;
  /** Whether replicas are read where there are some that answer. */
  readsReplicas: boolean;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  random: () => number;
}

/**
 * Opens a store's rows that lie on many servers. Resolves when they are connected to, or when it is known that nobody
 * says who they are, or that they do not answer: they are sought from then on.
 */
export async function openShards(options: ShardsOptions): Promise<RedisServers> {
  const { store, connect, calmMs, readsReplicas, now, random } = options;
  const onChange = (isReady: boolean): void => (isReady ? watch.hurry() : watch.trouble());
  const watch = new RedisWatch({ look, calmMs, now, random });
  const nodes = new RedisNodes((place) => connect(place, onChange));
  const discovery = options.discovery(nodes, onChange);
  const routes = new RedisRoutes({ store, nodes, readsReplicas, onTrouble: () => watch.trouble() });
  let isClosed = false;

  async function look(): Promise<boolean> {
    let places: readonly ShardPlaces[];
    try {
      places = await discovery.shards();
    } catch (cause) {
      routes.lastFailure = cause;
      return false;
    }
    if (isClosed) return true;
    const map = new ShardMap(places, ({ master, replicas }) => ({
      master: nodes.at(master),
      replicas: readsReplicas ? replicas.map((replica) => nodes.at(replica)) : [],
    }));
    routes.map = map;
    const servers = map.shards.flatMap(serversOf);
    nodes.keepOnly(new Set(servers));
    await Promise.all(servers.map((server) => server.opened));
    return map.isWhole && map.shards.every(({ master }) => master.isReady);
  }

  await watch.look();
  return {
    get isReachable() {
      return routes.map.shards.some((shard) => serversOf(shard).some((server) => server.isReady));
    },
    read: (reader, chunk, block, scope) => readShards({ routes, reader, block, scope }, chunk),
    write: async (writes, send, scope) => writeShards({ routes, send, scope }, writes),
    holdersOfAll() {
      if (!routes.map.isWhole) throw routes.unknown();
      return routes.map.shards.map(({ master }) => master);
    },
    async close() {
      isClosed = true;
      watch.close();
      await Promise.all([nodes.close(), discovery.close()]);
    },
  };
}

const serversOf = ({ master, replicas }: Shard): RedisConnection[] => [master, ...replicas];
