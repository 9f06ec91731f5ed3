import type { Redis } from 'iovalkey';
import { RedisConnection, type EachConnection } from './redis-connection.ts';
import { answerWithin, firstAnswer } from './redis-first-answer.ts';
import type { RedisGroup, RedisPlace } from './redis-group.ts';
import { RedisNodes } from './redis-nodes.ts';
import type { RedisServers } from './redis-servers.ts';
import type { ShardPlaces } from './redis-shard-map.ts';
import { openShards, type ShardsOptions } from './redis-shards.ts';

/**
 * A master that has been replaced while it was well takes writes until it is told, eight seconds later, and then loses
 * them: sentinels alone know.
 */
const CALM_MS = 1000;

export interface SentinelOptions extends EachConnection, Pick<ShardsOptions, 'readsReplicas' | 'now'> {
  sentinels: RedisGroup;
  /** By what name the sentinels know the master. */
  name: string;
  /** The address of a server that the sentinels tell of. */
  addressOf: RedisGroup['addressOf'];
}

/**
 * Opens the master that the sentinels name, and its replicas where they are read; connections live as that to a single
 * server does. The sentinels are asked again whenever something fails, and each second: the client library asks them only
 * once a connection has ended, which that to a hung master does not (ioredis#1314).
 */
export function openSentinel(options: SentinelOptions): Promise<RedisServers> {
  const { sentinels, name, addressOf, readsReplicas, now, ...each } = options;
  const ask = async (sentinel: RedisConnection): Promise<ShardPlaces[]> => {
    const answer = <Reply>(put: (client: Redis) => Promise<Reply>): Promise<Reply> =>
      answerWithin(sentinel, put, each.connectTimeoutMs, now);
    const master = await answer((client) => masterOf(client, name));
    return [{ master, replicas: readsReplicas ? await answer((client) => replicasOf(client, name)) : [] }];
  };
  return openShards({
    store: each.store,
    calmMs: CALM_MS,
    readsReplicas,
    now,
    random: each.random,
    connect: (place, onChange) => new RedisConnection({ ...each, address: addressOf(place), onChange }),
    discovery: (_servers, onChange) => {
      const known = new RedisNodes(
        (place) => new RedisConnection({ ...each, address: sentinels.addressOf(place), onChange }),
      );
      for (const seed of sentinels.seeds) known.at(seed);
      let looks = 0;
      return {
        // Another first each time: one alone may be cut off, and name a master that is none any longer.
        shards: () => firstAnswer(known.all, looks++, ask),
        close: () => known.close(),
      };
    },
  });
}

async function masterOf(client: Redis, name: string): Promise<RedisPlace> {
  const reply = await client.call('sentinel', 'get-master-addr-by-name', name);
  if (reply === null) throw new Error('the sentinel knows no master of this name');
  const [host, port] = reply as [host: string, port: string];
  return { host, port: Number(port) };
}

/** The replicas that are up and in touch with their master. Each is told of as names and values, one after the other. */
async function replicasOf(client: Redis, name: string): Promise<RedisPlace[]> {
  const replies = (await client.call('sentinel', 'replicas', name)) as readonly string[][];
  const places: RedisPlace[] = [];
  for (const reply of replies) {
    const of = (field: string): string => reply[reply.indexOf(field) + 1];
    if (/s_down|o_down|disconnected/.test(of('flags')) || of('master-link-status') !== 'ok') continue;
    places.push({ host: of('ip'), port: Number(of('port')) });
  }
  return places;
}
