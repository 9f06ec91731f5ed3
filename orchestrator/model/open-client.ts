import { setTimeout as delay } from 'node:timers/promises';
import { AppError, asAppError } from '../../foundation/errors.ts';
import { replicaTarget } from '../../foundation/socket-path.ts';
import { Admission } from './admission.ts';
import { openChannel } from './channel.ts';
import type { Layout } from '../../proto/load-parameters.ts';
import type { InferCall, InferResult, ModelClient, ModelSignature, Tensor } from './client.ts';
import { newCounters, type ModelClientCounters } from './counters.ts';
import { Readiness } from './readiness.ts';
import { ReplicatedClient, type Replica } from './replicas.ts';
import { openSession, type Session } from './session.ts';
import { isUnreachable } from './status.ts';

const MIB = 1024 ** 2;

/** The layout is told to a wrapper of ours when it loads the model. */
export interface ModelClientOptions extends Layout {
  /** `unix:/absolute/path.sock` or `host:port`; of the first replica, where its server says that there are more. */
  address: string;
  model: string;
  /** Default: the version that the server chooses. */
  version?: string;
  /** Calls that may be unanswered, by all replicas together, before one more is OVERLOADED. Default 1024. */
  maxPartsInFlight?: number;
  /** Bytes of their tensors. Default 64 MiB. */
  maxBytesInFlight?: number;
  /** The limit of one message on both ends. Default 16 MiB. */
  maxMessageBytes?: number;
  /** Counted into; read them when metrics are scraped. */
  counters?: ModelClientCounters;
  /** Why the model is not ready, for the log: called when that begins and when the reason changes, not at every attempt. */
  onProblem?(problem: AppError): void;
  /** The scale of `InferCall.deadlineMs`. Default `performance.now`. */
  clock?: () => number;
}

/**
 * A client that is always on its way to a ready model: it connects, and connects again when the connection breaks.
 * Returns at once; `onReadyChange` tells when the model is there. `close` it to end its attempts.
 */
export function openModelClient(options: ModelClientOptions): ModelClient {
  const counters = options.counters ?? newCounters();
  const admission = new Admission(options.maxPartsInFlight ?? 1024, options.maxBytesInFlight ?? 64 * MIB, counters);
  return new ReplicatedClient((replica) => {
    const address = replicaTarget(options.address, replica);
    return new ReconnectingClient({ ...options, address }, counters, admission);
  });
}

/** The client of one replica. */
class ReconnectingClient implements Replica {
  readonly #options: ModelClientOptions;
  readonly #maxMessageBytes: number;
  readonly #counters: ModelClientCounters;
  readonly #admission: Admission;
  readonly #clock: () => number;
  readonly #closing = new AbortController();
  readonly #readiness = new Readiness();
  readonly #ended: Promise<void>;
  #session: Session | undefined;
  /** Its own: the counters may be shared with the client that takes over from this one. */
  #sessions = 0;
  #signature: ModelSignature | undefined;
  #modelVersion = '';
  #replicas = 1;
  #lastProblem = '';

  constructor(options: ModelClientOptions, counters: ModelClientCounters, admission: Admission) {
    this.#options = options;
    this.#maxMessageBytes = options.maxMessageBytes ?? 16 * MIB;
    this.#counters = counters;
    this.#admission = admission;
    this.#clock = options.clock ?? (() => performance.now());
    this.#ended = this.#run();
  }

  get ready(): boolean {
    return this.#readiness.isReady;
  }

  get signature(): ModelSignature | undefined {
    return this.#signature;
  }

  get modelVersion(): string {
    return this.#modelVersion;
  }

  get replicas(): number {
    return this.#replicas;
  }

  get pending(): number {
    return this.#session?.calls.pending ?? 0;
  }

  infer(tensors: readonly Tensor[], call: InferCall): Promise<InferResult> {
    if (this.#session === undefined || !this.#readiness.isReady) {
      return Promise.reject(new AppError('WRAPPER_UNAVAILABLE', 'The model is not available.'));
    }
    return this.#session.calls.infer(tensors, call);
  }

  onReadyChange(listener: (ready: boolean) => void): () => void {
    return this.#readiness.onChange(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; ; failures++) {
      const sessionsBefore = this.#sessions;
      const problem = await this.#serveOneSession();
      if (signal.aborted) return;
      const hasServed = this.#sessions > sessionsBefore;
      this.#tellProblem(problem, hasServed);
      if (hasServed) failures = 0;
      const waitMs = hasServed || isUnreachable(problem) ? awayDelayMs(failures) : REFUSED_DELAY_MS;
      // Rejects only where the client is being closed, which the next session sees by the same signal.
      await delay(waitMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Connects, serves until the session ends, and returns what ended it. */
  async #serveOneSession(): Promise<AppError> {
    const client = openChannel(this.#options.address, this.#maxMessageBytes);
    const ending = new AbortController();
    try {
      const session = await openSession(client, {
        address: this.#options.address,
        model: this.#options.model,
        version: this.#options.version ?? '',
        layout: this.#options,
        admission: this.#admission,
        counters: this.#counters,
        clock: this.#clock,
        maxMessageBytes: this.#maxMessageBytes,
        signal: AbortSignal.any([this.#closing.signal, ending.signal]),
      });
      this.#counters.connections++;
      this.#sessions++;
      this.#signature = session.signature;
      this.#modelVersion = session.modelVersion;
      this.#replicas = session.replicas;
      this.#session = session;
      return await session.watch((isReady) => this.#readiness.tell(isReady));
    } catch (problem) {
      return asAppError(problem);
    } finally {
      ending.abort();
      this.#readiness.tell(false);
      this.#session?.calls.close();
      this.#session = undefined;
      client.close();
    }
  }

  #tellProblem(problem: AppError, hasServed: boolean): void {
    const text = `${problem.code} ${problem.message} ${String(problem.cause)}`;
    if (hasServed || text !== this.#lastProblem) this.#options.onProblem?.(problem);
    this.#lastProblem = text;
  }
}

/** A server that is there and refuses is asked every second: a load that fails is dear. */
const REFUSED_DELAY_MS = 1000;

/**
 * A server that is away is asked every 50 ms for the first two seconds, then less often, up to every second: a killed
 * child of a wrapper is back in about half a second, and callers are to have answers again within two.
 */
function awayDelayMs(failures: number): number {
  return Math.min(Math.max(50, (failures - 40) * 50), 1000);
}
