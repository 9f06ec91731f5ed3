import { AppError } from '../../../foundation/errors.ts';
import { redisAddress, tlsOptions, type RedisAddress, type RedisIdentity, type RedisTls } from './redis-address.ts';

/** A server as others of its kind tell of it. */
export interface RedisPlace {
  host: string;
  port: number;
}

/** Servers of one kind, some of which are known from the start, and all of which know us by one name. */
export interface RedisGroup {
  seeds: readonly RedisPlace[];
  /** The address of any of them, also of one that was told of later. */
  addressOf(place: RedisPlace): RedisAddress;
}

/**
 * The servers of a cluster, or the sentinels, from the URLs of some. Throws AppError where there is none, or one is none
 * of ours, names a socket or a database, or differs from the first in user, password or scheme: what is told of later
 * could be reached as one of them only.
 */
export function redisGroup(
  store: string,
  urls: readonly string[],
  identity: RedisIdentity,
  defaultPort?: number,
): RedisGroup {
  const refused = (problem: string): AppError =>
    new AppError('INTERNAL', `The urls of the store "${store}" ${problem}.`);
  const addresses = urls.map((url) => redisAddress(store, { ...identity, url }, defaultPort));
  const first = addresses.at(0);
  if (first === undefined) throw refused('are none: give at least one');
  const seeds = addresses.map(({ host, port }) => {
    if (host === undefined || port === undefined)
      throw refused('name a socket: give host and port, which others can tell');
    return { host, port };
  });
  if (addresses.some(({ db }) => db !== 0)) throw refused('ask for a database: a cluster has 0 alone, a sentinel none');
  const isAnother = ({ username, password, tls }: RedisAddress): boolean =>
    username !== first.username || password !== first.password || (tls === undefined) !== (first.tls === undefined);
  if (addresses.some(isAnother)) throw refused('differ in user, password or scheme: give all the same');
  return { seeds, addressOf: addressIn({ ...first, isTls: first.tls !== undefined }, identity.tls) };
}

/** How the address is made of any server to whom we are the same. */
export function addressIn(
  { username, password, db, isTls }: { username?: string; password?: string; db: number; isTls: boolean },
  tls: RedisTls | undefined,
): RedisGroup['addressOf'] {
  const who = { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  return ({ host, port }) => ({ ...who, host, port, db, ...(isTls ? { tls: tlsOptions(host, tls) } : {}) });
}
