import type { Cluster, Collection } from 'couchbase';
import type { CouchbaseLibrary } from './couchbase-library.ts';
import type { CouchbaseOptions } from './couchbase-options.ts';
import { growingPauseMs, spread } from './pauses.ts';

export interface ConnectionOptions extends CouchbaseOptions {
  library: CouchbaseLibrary;
  bucket: string;
  scope: string;
  collection: string;
  random: () => number;
}

/** From one ping to the next: how long a cluster that went can be taken for one that is there. */
const BEAT_MS = 500;

/** A connection while it holds. */
export interface Link {
  readonly collection: Collection;
  /** Set when the cluster is known not to answer; what is still asked then fails. */
  isLost: boolean;
}

interface OpenLink extends Link {
  readonly cluster: Cluster;
}

/**
 * One connection to each node of a cluster. While there is none it is sought by itself, each time from the URL on: nodes
 * that came back with other addresses are not found again by the client alone.
 *
 * The client tells nobody that a node has gone: it tries again until each request's own time is over. A ping every half
 * second does, and a link is given up once no node answers one: at once where the sockets broke, after the client's
 * `kv_timeout` where a stopped process still holds them. While some node answers, the rows of the others are late, each
 * for itself.
 */
export class CouchbaseConnection {
  readonly #options: ConnectionOptions;
  #link: OpenLink | undefined;
  #lastFailure: unknown;
  #isClosed = false;
  #wake: (() => void) | undefined;
  /** The end of what is done in the background. */
  readonly #kept: Promise<void>;
  /** When it is known whether there is a connection. */
  readonly #tried = Promise.withResolvers<void>();

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#kept = this.#keep();
  }

  /** Resolves when the connection is ready, or when it is known not to be: it is sought from then on. */
  static async open(options: ConnectionOptions): Promise<CouchbaseConnection> {
    const connection = new CouchbaseConnection(options);
    await connection.#tried.promise;
    return connection;
  }

  /** The connection that is, undefined where none is. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** Why there was no connection last; for the log. */
  get lastFailure(): unknown {
    return this.#lastFailure;
  }

  /**
   * Ends the connection; what is on it fails. What the client offers no way to stop ends by itself before: a connection
   * that is being made, within the time that it may take, and a ping that no node answers.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake?.();
    if (this.#link) this.#giveUp(this.#link);
    await this.#kept;
  }

  async #keep(): Promise<void> {
    let failures = 0;
    while (!this.#isClosed) {
      const link = await this.#connect();
      failures = link === undefined ? failures + 1 : 0;
      this.#tried.resolve();
      if (link !== undefined) await this.#watch(link);
      await this.#pause(spread(growingPauseMs(failures), this.#options.random));
    }
  }

  async #connect(): Promise<OpenLink | undefined> {
    const { library, connectionString, connect, bucket, scope, collection } = this.#options;
    try {
      const cluster = await library.connect(connectionString, connect);
      try {
        // `cluster.bucket` opens it unasked, and writes to the console where it cannot.
        await openBucket(cluster, bucket);
      } catch (cause) {
        await cluster.close();
        throw cause;
      }
      this.#link = { cluster, collection: cluster.bucket(bucket).scope(scope).collection(collection), isLost: false };
    } catch (cause) {
      this.#lastFailure = cause;
      return undefined;
    }
    return this.#link;
  }

  /** Resolves when the link is given up and closed. */
  async #watch(link: OpenLink): Promise<void> {
    while (!this.#isClosed && (await this.#isAlive(link))) await this.#pause(BEAT_MS);
    this.#giveUp(link);
    try {
      await link.cluster.close();
    } catch (cause) {
      // It is given up either way, and another is sought.
      this.#lastFailure = cause;
    }
  }

  #giveUp(link: OpenLink): void {
    link.isLost = true;
    if (this.#link === link) this.#link = undefined;
  }

  async #isAlive({ cluster }: OpenLink): Promise<boolean> {
    const { library, bucket } = this.#options;
    try {
      const { services } = await cluster.ping({ serviceTypes: [library.ServiceType.KeyValue] });
      const endpoints = services[library.ServiceType.KeyValue] ?? [];
      const ours = endpoints.filter((endpoint) => endpoint.bucket === bucket);
      if (ours.some(({ state }) => state === library.PingState.Ok)) return true;
      this.#lastFailure = new Error('No node answers.', { cause: ours });
    } catch (cause) {
      this.#lastFailure = cause;
    }
    return false;
  }

  /** Until so long has passed, or the connection shall close. */
  async #pause(ms: number): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

function openBucket(cluster: Cluster, bucket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    cluster.conn.openBucket(bucket, (failure) => {
      if (failure) reject(failure);
      else resolve();
    });
  });
}
