import { callerGone, type AppError } from '../../../foundation/errors.ts';
import type { FetchScope } from '../fetch-scope.ts';
import { Slots } from '../slots.ts';
import { answerInScope } from './answer-in-scope.ts';
import { CouchbaseConnection, type ConnectionOptions, type Link } from './couchbase-connection.ts';
import type { Ask } from './couchbase-documents.ts';
import { failedRequest, late } from './couchbase-failure.ts';
import type { CouchbaseLibrary } from './couchbase-library.ts';
import { StoreUnreachable } from './store-unreachable.ts';

export interface ConnectionsOptions extends ConnectionOptions {
  /** The store's name, for messages. */
  store: string;
  /** Connections to each node: the client has one a node, with one thread, so each of these is a client. */
  connections: number;
  /** Keys that may be asked for at once. */
  maxInFlight: number;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
}

/** How long a request may take whose caller waits without end: the client has no request without an end. */
const LONGEST_REQUEST_MS = 10_000;

/**
 * The connections of a store, asked in turn. While there is none, who asks is told at once. What waits for a place in
 * flight, or for an answer, leaves when its scope says so.
 */
export class CouchbaseConnections {
  readonly library: CouchbaseLibrary;
  /** The store's name, for messages. */
  readonly store: string;
  /** Keys that may be asked for at once. */
  readonly maxInFlight: number;
  readonly #connections: readonly CouchbaseConnection[];
  readonly #slots: Slots;
  readonly #now: () => number;
  #turn = 0;

  private constructor(options: ConnectionsOptions, connections: readonly CouchbaseConnection[]) {
    this.library = options.library;
    this.maxInFlight = options.maxInFlight;
    this.store = options.store;
    this.#connections = connections;
    this.#slots = new Slots(options.maxInFlight);
    this.#now = options.now;
  }

  /** Resolves when each connection is ready, or known not to be: it is sought from then on. */
  static async open(options: ConnectionsOptions): Promise<CouchbaseConnections> {
    const opening = Array.from({ length: options.connections }, () => CouchbaseConnection.open(options));
    return new CouchbaseConnections(options, await Promise.all(opening));
  }

  get isReady(): boolean {
    return this.#connections.some(({ link }) => link !== undefined);
  }

  /** The next connection's. Throws FEATURE_UNAVAILABLE where there is none. */
  link(): Link {
    for (let tried = 0; tried < this.#connections.length; tried++) {
      this.#turn = (this.#turn + 1) % this.#connections.length;
      const { link } = this.#connections[this.#turn];
      if (link !== undefined) return link;
    }
    throw new StoreUnreachable(this.store, this.#connections[0].lastFailure);
  }

  /**
   * Asks, with a place in flight that is held until the answer is there, whoever still waits for it. Throws AppError
   * FEATURE_UNAVAILABLE where there is no connection or the server refused, DEADLINE_EXCEEDED or CANCELLED as the scope
   * says.
   */
  async run<Reply>(ask: Ask<Reply>, scope: FetchScope): Promise<Reply> {
    const taking = this.#slots.take(scope.stop);
    if (taking !== true && !(await taking)) throw this.stopped(scope);
    let link: Link;
    try {
      link = this.link();
    } catch (cause) {
      this.#slots.release();
      throw cause;
    }
    const remainingMs = scope.deadlineMs - this.#now();
    const timeoutMs = remainingMs === Infinity ? LONGEST_REQUEST_MS : Math.max(1, Math.ceil(remainingMs));
    return answerInScope(ask(link.collection, timeoutMs), scope, {
      stopped: () => this.stopped(scope),
      failed: (cause) => this.failed(cause, link),
      landed: () => this.#slots.release(),
    });
  }

  /** What failed on a link, as the store says it. */
  failed(cause: unknown, { isLost }: Link): AppError {
    return isLost ? new StoreUnreachable(this.store, cause) : failedRequest(this.library, this.store, cause);
  }

  /** What a scope that said stop ends with. */
  stopped(scope: FetchScope): AppError {
    return scope.isCancelled ? callerGone() : late(this.store);
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}
