import { once } from 'node:events';
import { Redis } from 'iovalkey';
import { AppError, callerGone } from '../../../foundation/errors.ts';
import type { FetchScope } from '../fetch-scope.ts';
import { patientTimer } from '../patient-timer.ts';
import { Slots } from '../slots.ts';
import { MergedGets } from './redis-merged-gets.ts';
import { RedisCork } from './redis-cork.ts';
import { mget } from './redis-mget.ts';
import { isRefusal, refusedAs } from './redis-refusals.ts';
import { readValuesInPlace } from './redis-replies.ts';
import { RedisTracking, type TrackingListener } from './redis-tracking.ts';
import { answerInScope, type Asking } from './answer-in-scope.ts';
import { growingPauseMs, spread } from './pauses.ts';
import type { RedisAddress } from './redis-address.ts';
import { StoreUnreachable } from './store-unreachable.ts';
import type { RowClient } from './redis-rows.ts';

export interface ConnectionOptions {
  /** The store's name, for messages. */
  store: string;
  address: RedisAddress;
  connectTimeoutMs: number;
  /** Commands and pipelines that may be on the wire at once. */
  maxInFlight: number;
  random: () => number;
  /** Told when keys that were read here change. Default: the server is not asked to tell. */
  tracking?: TrackingListener;
  /** Whether a replica of a cluster shall answer itself, in place of naming its master. Default false. */
  readsReplica?: boolean;
  /** Told when the connection has become ready, and when there is none any longer. */
  onChange?: (isReady: boolean) => void;
}

/** What the connections to all servers of a store have in common. */
export type EachConnection = Omit<ConnectionOptions, 'address' | 'readsReplica' | 'onChange'>;

/**
 * A server that has been asked and says nothing for so long is as good as gone: the connection is given up and what
 * was on it fails. A stopped process still takes connections (its kernel does), so nothing else would tell.
 */
export const SILENCE_MS = 2000;

/**
 * The one connection to a server. While there is none, who asks is told at once, and it is made again by itself; only
 * while it is made for the first time, who asks waits for it. What waits, for that, for a place in flight or for an
 * answer, leaves when its scope says so.
 */
export class RedisConnection {
  /** The host as it was given; empty for a socket. */
  readonly host: string;
  /** Resolves when the connection is ready for the first time, or when it is known not to be: it is sought from then on. */
  readonly opened: Promise<void>;
  #isOpening = true;
  readonly #store: string;
  readonly #client: Redis;
  readonly #cork: RedisCork;
  readonly #rows: RowClient;
  readonly #mergedRows: RowClient;
  readonly #slots: Slots;
  /** Why there was no connection last; for the log. */
  #lastFailure: unknown;
  #inFlight = 0;
  readonly #tracking: RedisTracking | undefined;
  readonly #asking: Asking = {
    stopped: ({ isCancelled }) =>
      isCancelled
        ? callerGone()
        : new AppError('DEADLINE_EXCEEDED', `The store "${this.#store}" did not answer in time.`),
    failed: (cause) => this.refusal(cause),
    landed: () => {
      this.#inFlight--;
      this.#slots.release();
    },
  };

  constructor(options: ConnectionOptions) {
    const { store, address, connectTimeoutMs, maxInFlight, random, readsReplica = false, onChange, tracking } = options;
    this.#store = store;
    this.host = address.host ?? '';
    this.#slots = new Slots(maxInFlight);
    this.#client = new Redis({
      ...address,
      readOnly: readsReplica,
      lazyConnect: true,
      connectTimeout: connectTimeoutMs,
      socketTimeout: SILENCE_MS,
      disconnectTimeout: 100,
      keepAlive: 10_000,
      // The address family that answers first, as everywhere in Node; by itself the client tries one, then the other.
      family: 0,
      familyFallback: { enabled: false },
      // Without it a wrong password would be tried again at once, for ever: the pause grows until a connection is ready.
      enableReadyCheck: true,
      maxLoadingRetryTime: 200,
      enableOfflineQueue: false,
      // What was on a connection that broke fails, now: without 0 it would wait for the next connection and beyond.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (times) => spread(growingPauseMs(times - 1), random),
    });
    readValuesInPlace(this.#client);
    this.#cork = new RedisCork(this.#client, { enoughBytes: 2048, afterBurst: (then) => setImmediate(then) });
    this.#rows = {
      pipeline: () => this.#client.pipeline(),
      values: (keys, onValue) => mget(this.#client, keys, onValue),
    };
    this.#mergedRows = new MergedGets(this.#client);
    this.#client.on('error', (cause) => {
      this.#lastFailure = cause;
    });
    this.#tracking = tracking && new RedisTracking(this.#client, tracking);
    if (onChange) this.#client.on('ready', () => onChange(true)).on('close', () => onChange(false));
    this.opened = this.#open(connectTimeoutMs);
  }

  #open(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        stopTimer();
        this.#isOpening = false;
        resolve();
      };
      // A server that is silent, or loads its data, takes connections all the same.
      const stopTimer = patientTimer(timeoutMs, settle);
      this.#client.connect().then(settle, (cause: unknown) => {
        this.#lastFailure ??= cause;
        settle();
      });
    });
  }

  /** A connection that the server let nobody in on is ready for a moment, and ended already. */
  get isReady(): boolean {
    return this.#client.status === 'ready' && this.#client.stream.writable;
  }

  /**
   * Asks, with a place in flight that is held until the answer is there, whoever still waits for it. Throws AppError
   * FEATURE_UNAVAILABLE where there is no connection or the server refused, DEADLINE_EXCEEDED or CANCELLED as the scope
   * says.
   */
  run<Reply>(ask: (client: Redis) => Promise<Reply>, scope: FetchScope): Promise<Reply> {
    return this.#inPlace(() => {
      // Where nothing else is in flight nothing waits: a caller who is alone would pay for a turn that brings nobody else.
      if (this.#inFlight >= 2) this.#cork.hold();
      return ask(this.#client);
    }, scope);
  }

  /** As `run`, for who reads rows. */
  runRows<Reply>(ask: (client: RowClient) => Promise<Reply>, scope: FetchScope): Promise<Reply> {
    return this.run(() => ask(this.#rows), scope);
  }

  /** As `runRows`; the rows that are asked for in one turn of the event loop are one command. */
  runMerged<Reply>(ask: (client: RowClient) => Promise<Reply>, scope: FetchScope): Promise<Reply> {
    return this.#inPlace(() => ask(this.#mergedRows), scope);
  }

  async #inPlace<Reply>(ask: () => Promise<Reply>, scope: FetchScope): Promise<Reply> {
    if (this.#isOpening) await this.#untilOpened(scope);
    this.#checkReady();
    const taking = this.#slots.take(scope.stop);
    if (taking !== true && !(await taking)) throw this.#asking.stopped(scope);
    try {
      this.#checkReady();
    } catch (cause) {
      this.#slots.release();
      throw cause;
    }
    this.#inFlight++;
    return answerInScope(ask(), scope, this.#asking);
  }

  /** Ends the connection; what is on it, and whoever asks later, is told that there is none. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#tracking?.close();
    const isOpen = client.status === 'ready' || client.status === 'connect';
    const ended = isOpen ? once(client, 'end') : undefined;
    client.disconnect();
    await ended;
  }

  #checkReady(): void {
    if (this.isReady) return;
    throw new StoreUnreachable(this.#store, this.#lastFailure);
  }

  #untilOpened(scope: FetchScope): Promise<void> {
    return new Promise((resolve, reject) => {
      const onStop = (): void => reject(this.#asking.stopped(scope));
      if (scope.stop.aborted) return onStop();
      scope.stop.addEventListener('abort', onStop);
      const onOpened = (): void => {
        scope.stop.removeEventListener('abort', onStop);
        resolve();
      };
      void this.opened.then(onOpened);
    });
  }

  /** What a server's refusal, or the lack of an answer, is to who asked: FEATURE_UNAVAILABLE, its cause for the log. */
  refusal(cause: unknown): AppError {
    if (!isRefusal(cause)) return new StoreUnreachable(this.#store, cause);
    return new AppError('FEATURE_UNAVAILABLE', `The store "${this.#store}" ${refusedAs(cause.message)}.`, { cause });
  }
}
