import type { ConnectOptions, DurabilityLevel } from 'couchbase';
import { AppError } from '../../../foundation/errors.ts';
import type { CouchbaseLibrary } from './couchbase-library.ts';

/** Where a cluster is and who we are there. */
export interface CouchbaseLogin {
  /**
   * `couchbase://host,other:11210`, or `couchbases://…` for TLS: some of the nodes, from which the client learns of the
   * others. What the client's own connection strings take after `?` may follow: `?network=external`.
   */
  url: string;
  username: string;
  password: string;
  /** `authority`: certificates to trust in place of the client's own, PEM text; the URL then is `couchbases://`. */
  tls?: { authority?: string };
}

/** How safe a row must be before it counts as written. Each takes a majority of the copies that the bucket keeps. */
export type Durability = 'none' | 'majority' | 'majorityAndPersistActive' | 'persistToMajority';

/**
 * How long a node may take to answer a ping, the client's own `kv_timeout`: `timeout` of a ping is not passed on
 * (JSCBC-993), nor is `kvTimeout` beside a connection string. One that takes longer is silent.
 */
const SILENCE_MS = 2000;

const URL_FORM = /^(couchbases?):\/\/([^/?#]*)\/?(?:\?([^#]*))?$/;
const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s:;[\]]+)(?::\d{1,5})?$/i;

/** What the client is given to connect: a connection string, and the options beside it. */
export interface CouchbaseOptions {
  connectionString: string;
  connect: ConnectOptions;
}

/**
 * What the client is told of a store. Throws AppError where the URL is none of ours; the URL itself is not told: it may
 * hold a password.
 */
export function couchbaseOptions(
  store: string,
  { url, username, password, tls }: CouchbaseLogin,
  bootstrapTimeoutMs: number,
): CouchbaseOptions {
  const refused = (problem: string): AppError =>
    new AppError('INTERNAL', `The url of the store "${store}" ${problem}.`);
  if (!/^couchbases?:\/\//.test(url)) throw refused('begins with neither couchbase:// nor couchbases://');
  const match = URL_FORM.exec(url);
  if (match === null) throw refused('has a path: the bucket is said beside it');
  const [, scheme, hosts, parameters] = match;
  if (hosts.includes('@')) throw refused('holds a user or a password: they are said beside it');
  if (!hosts.split(',').every((host) => HOST.test(host))) throw refused('names no host, or one that is none');
  if (tls?.authority !== undefined && scheme === 'couchbase')
    throw refused('has an authority, and no TLS: couchbases://');
  const all = [...(parameters ? [parameters] : []), `kv_timeout=${SILENCE_MS}`];
  return {
    connectionString: `${scheme}://${hosts}?${all.join('&')}`,
    connect: {
      username,
      password,
      timeouts: { bootstrapTimeout: bootstrapTimeoutMs },
      // Each costs time on every get, and tells what we tell ourselves. That of orphans must stay: without it the client
      // ends the process with a segmentation fault at the first time-out (4.7.0, each time).
      tracingConfig: { enableTracing: false },
      metricsConfig: { enableMetrics: false },
      appTelemetryConfig: { enabled: false },
    },
  };
}

/** The same, of a client that trusts the certificates of this file, and no others. */
export function trusting(authorityPath: string, { connectionString, connect }: CouchbaseOptions): CouchbaseOptions {
  return { connectionString, connect: { ...connect, security: { trustStorePath: authorityPath } } };
}

/** What the client is told with each row that it writes. */
export interface CouchbaseWriteOptions {
  durabilityLevel: DurabilityLevel;
  /** Seconds; 0: the row stays. */
  expiry: number;
}

/** Couchbase counts expiry in seconds: what is between two is rounded up. */
export function couchbaseWriteOptions(
  { DurabilityLevel }: CouchbaseLibrary,
  durability: Durability,
  expiryMs: number | undefined,
): CouchbaseWriteOptions {
  const levels: Record<Durability, DurabilityLevel> = {
    none: DurabilityLevel.None,
    majority: DurabilityLevel.Majority,
    majorityAndPersistActive: DurabilityLevel.MajorityAndPersistOnMaster,
    persistToMajority: DurabilityLevel.PersistToMajority,
  };
  return { durabilityLevel: levels[durability], expiry: Math.ceil((expiryMs ?? 0) / 1000) };
}
