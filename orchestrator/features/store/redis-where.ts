import { AppError } from '../../../foundation/errors.ts';
import { redisAddress, type RedisIdentity } from './redis-address.ts';
import { openCluster } from './redis-cluster.ts';
import { RedisConnection, type EachConnection } from './redis-connection.ts';
import { redisGroup } from './redis-group.ts';
import { oneServer } from './redis-one-server.ts';
import type { RedisServers } from './redis-servers.ts';

/** Where a store's servers are: one of `url`, and `urls` with `cluster`. */
export interface RedisWhere extends RedisIdentity {
  /** Of the one server, or of a server of the cluster: see redis-address.ts. */
  url?: string;
  /** Of servers of the cluster: any that answers tells of all others. */
  urls?: readonly string[];
  /** Whether `url` or `urls` name servers of a cluster. Default false. */
  cluster?: boolean;
  /**
   * `replica`: rows are read from replicas that are connected to, each in turn, and from the master where there is none
   * or it fails; what was written a moment ago may not be there yet. Only in a cluster. Default
   * `master`.
   */
  readFrom?: 'master' | 'replica';
}

/**
 * Connects to the servers of a store. Resolves also where none answers: they are sought from then on. Throws AppError
 * where what is asked for cannot be, with the mend.
 */
export async function openServers(where: RedisWhere, each: EachConnection, now: () => number): Promise<RedisServers> {
  const { url, urls, cluster = false, readFrom = 'master', ...identity } = where;
  const { store } = each;
  const refused = (problem: string): AppError => new AppError('INTERNAL', `The store "${store}" ${problem}.`);
  const given = [...(url === undefined ? [] : [url]), ...(urls ?? [])];
  if (cluster) {
    const group = redisGroup(store, given, identity);
    return openCluster({ ...each, group, readsReplicas: readFrom === 'replica', now });
  }
  if (given.length !== 1)
    throw refused('is one server, with one url; more urls are those of a cluster: write cluster: true');
  if (readFrom === 'replica') {
    throw refused('is one server, which has no replicas: leave out readFrom, or give a cluster');
  }
  const connection = new RedisConnection({ ...each, address: redisAddress(store, { ...identity, url: given[0] }) });
  await connection.opened;
  return oneServer(connection);
}
