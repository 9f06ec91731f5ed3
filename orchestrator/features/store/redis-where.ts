import { AppError } from '../../../foundation/errors.ts';
import { redisAddress, type RedisIdentity, type RedisTls } from './redis-address.ts';
import { openCluster } from './redis-cluster.ts';
import { RedisConnection, type EachConnection } from './redis-connection.ts';
import { addressIn, redisGroup } from './redis-group.ts';
import { oneServer } from './redis-one-server.ts';
import { openSentinel } from './redis-sentinel.ts';
import type { RedisServers } from './redis-servers.ts';

const SENTINEL_PORT = 26_379;

/** Sentinels, and what they know the store's servers by. Who we are to those is said beside, as for a single server. */
interface RedisSentinels {
  /** By what name the sentinels know the master: that of `sentinel monitor` in their configuration. */
  name: string;
  /** `redis://host:26379`, `rediss://…` for TLS, of one sentinel or several; port 26379 where none is given. */
  urls: readonly string[];
  /** Who we are to the sentinels themselves. */
  username?: string;
  password?: string;
  /** For the sentinels themselves, where they speak TLS. */
  tls?: RedisTls;
}

/** Where a store's servers are: one of `url`, `urls` with `cluster`, and `sentinel`. */
export interface RedisWhere extends RedisIdentity {
  /** Of the one server, or of a server of the cluster: see redis-address.ts. */
  url?: string;
  /** Of servers of the cluster: any that answers tells of all others. */
  urls?: readonly string[];
  /** Whether `url` or `urls` name servers of a cluster. Default false. */
  cluster?: boolean;
  /**
   * The master is the one that sentinels name. It and its replicas speak TLS where the sentinels do, or where `tls` is
   * given.
   */
  sentinel?: RedisSentinels;
  /**
   * `replica`: rows are read from replicas that are connected to, each in turn, and from the master where there is none
   * or it fails; what was written a moment ago may not be there yet. Only in a cluster and with sentinels. Default
   * `master`.
   */
  readFrom?: 'master' | 'replica';
}

/**
 * Connects to the servers of a store. Resolves also where none answers: they are sought from then on. Throws AppError
 * where what is asked for cannot be, with the mend.
 */
export async function openServers(where: RedisWhere, each: EachConnection, now: () => number): Promise<RedisServers> {
  const { url, urls, cluster = false, sentinel, readFrom = 'master', ...identity } = where;
  const { store } = each;
  const refused = (problem: string): AppError => new AppError('INTERNAL', `The store "${store}" ${problem}.`);
  const given = [...(url === undefined ? [] : [url]), ...(urls ?? [])];
  if (sentinel !== undefined) {
    if (cluster || given.length > 0) {
      throw refused('has sentinels, who name its server: leave out url, urls and cluster');
    }
    const { name, urls: known, ...login } = sentinel;
    const sentinels = redisGroup(store, known, login, SENTINEL_PORT);
    const isTls = identity.tls !== undefined || known.some((sentinelUrl) => sentinelUrl.startsWith('rediss:'));
    const { username, password, database = 0 } = identity;
    const addressOf = addressIn({ username, password, db: database, isTls }, identity.tls);
    return openSentinel({ ...each, sentinels, name, addressOf, readsReplicas: readFrom === 'replica', now });
  }
  if (cluster) {
    const group = redisGroup(store, given, identity);
    return openCluster({ ...each, group, readsReplicas: readFrom === 'replica', now });
  }
  if (given.length !== 1) {
    throw refused('is one server, with one url; more urls are those of a cluster: write cluster: true');
  }
  if (readFrom === 'replica') {
    throw refused('is one server, which has no replicas: leave out readFrom, or give a cluster or sentinels');
  }
  const connection = new RedisConnection({ ...each, address: redisAddress(store, { ...identity, url: given[0] }) });
  await connection.opened;
  return oneServer(connection);
}
