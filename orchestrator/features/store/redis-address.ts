import type { ConnectionOptions } from 'node:tls';
import { AppError } from '../../../foundation/errors.ts';

/** TLS beyond what the system trusts; each is PEM text. */
export interface RedisTls {
  /** Certificates to trust in place of the system's. */
  authority?: string;
  /** What we show to a server that asks for it. */
  certificate?: string;
  key?: string;
  /** The name that the server's certificate must carry, where it is not the host of the URL. */
  serverName?: string;
}

/** Who we are to a server. What is said here goes before what its URL says. */
export interface RedisIdentity {
  username?: string;
  password?: string;
  database?: number;
  tls?: RedisTls;
}

/** Where a server is and who we are there. */
export interface RedisLogin extends RedisIdentity {
  /** `redis://user:password@host:6379/0`, `rediss://…` for TLS, `unix:/run/redis.sock` for a socket. */
  url: string;
}

export interface RedisAddress {
  host?: string;
  port?: number;
  /** Path of a Unix socket, in place of host and port. */
  path?: string;
  username?: string;
  password?: string;
  db: number;
  tls?: ConnectionOptions;
}

const DEFAULT_PORT = 6379;

/** What the client connects to. Throws AppError where the URL is none of ours; the URL itself is not told: it may hold a password. */
export function redisAddress(store: string, login: RedisLogin, defaultPort = DEFAULT_PORT): RedisAddress {
  const url = URL.parse(login.url);
  if (url === null) throw refused(store, 'is no URL');
  const username = login.username ?? decoded(store, url.username);
  const password = login.password ?? decoded(store, url.password);
  const who = { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  switch (url.protocol) {
    case 'unix:':
      return { ...who, path: decoded(store, url.pathname), db: login.database ?? 0 };
    case 'redis:':
    case 'rediss:': {
      if (url.hostname === '') throw refused(store, 'names no host');
      // A URL has an IPv6 address in brackets, a socket has not.
      const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
      const port = url.port === '' ? defaultPort : Number(url.port);
      const db = login.database ?? databaseOf(store, url.pathname);
      return { ...who, host, port, db, ...(url.protocol === 'rediss:' ? { tls: tlsOptions(host, login.tls) } : {}) };
    }
    default:
      throw refused(store, 'begins with none of redis://, rediss:// and unix:');
  }
}

/** What TLS needs to know before it speaks to a host. */
export function tlsOptions(
  host: string,
  { authority, certificate, key, serverName }: RedisTls = {},
): ConnectionOptions {
  // RFC 6066, section 3: an address is no server name.
  const isName = !/^[\d.]+$|:/.test(host);
  const servername = serverName ?? (isName ? host : undefined);
  return {
    ...(servername === undefined ? {} : { servername }),
    ...(authority === undefined ? {} : { ca: authority }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
  };
}

function databaseOf(store: string, pathname: string): number {
  const match = /^\/?(\d{0,6})$/.exec(pathname);
  if (!match) throw refused(store, 'ends with a database that is no number');
  return Number(match[1]);
}

function decoded(store: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused(store, 'holds a "%" that escapes nothing');
  }
}

function refused(store: string, problem: string): AppError {
  return new AppError('INTERNAL', `The url of the store "${store}" ${problem}.`);
}
