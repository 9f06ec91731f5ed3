import { AppError } from '../../../foundation/errors.ts';
import { Status } from '../../plan/column.ts';
import { openBreaker, type Verdict } from '../breaker.ts';
import { failureOf } from '../fetch-in-time.ts';
import { isFailed, type FetchOutcome } from '../shared-fetch.ts';
import type { FeatureSource, Store } from '../source.ts';
import { StoreUnreachable } from './store-unreachable.ts';

export interface BreakerSurroundings {
  /** The store's name, for messages. */
  name: string;
  /** How long a fetch of the store may take: less than half of that proves nothing against it. */
  timeoutMs: number;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
}

/** A fetch, and whether it had time enough to be held against the store. */
interface Fetched {
  outcome: FetchOutcome;
  hadTime: boolean;
}

/**
 * A store over the network, spared while it fails: after five fetches in a row that came to nothing, or half of twenty,
 * callers are told at once, and one fetch a second asks whether it is back. That there is no connection is no failure of
 * these: it is known at once, the server is sought by itself, and others of a cluster have what is theirs. Nor is a
 * fetch that was late, where a connection is given up by itself when its server is silent: on a busy machine our own turn
 * comes late, and a breaker that took it for the store's made 14 % of the answers of a soak defaults. Writes go by it: who
 * ingests wants the error.
 */
export function behindBreaker(store: Store, { name, timeoutMs, now }: BreakerSurroundings): Store {
  const turnedAway: Fetched = {
    outcome: {
      status: Status.ERROR,
      cause: new AppError('FEATURE_UNAVAILABLE', `The store "${name}" has failed, and is left alone for a second.`),
    },
    hadTime: true,
  };
  const judge = ({ outcome, hadTime }: Fetched): Verdict => {
    if (!isFailed(outcome)) return 'works';
    if (outcome.status === Status.TIMEOUT) return hadTime && !seesSilence(store) ? 'fails' : 'nothing';
    return isCancelled(outcome.cause) || outcome.cause instanceof StoreUnreachable ? 'nothing' : 'fails';
  };
  const breaker = openBreaker<Fetched>({ now, judge, turnedAway: () => turnedAway });

  const guarded = (source: FeatureSource): FeatureSource => ({
    ...(source.keepsTime === undefined ? {} : { keepsTime: source.keepsTime }),
    async fetch(keys, fields, options) {
      const attempt = async (): Promise<Fetched> => {
        const hadTime = (options.deadlineMs - now()) * 2 >= timeoutMs;
        try {
          return { outcome: await source.fetch(keys, fields, options), hadTime };
        } catch (cause) {
          return { outcome: failureOf(cause), hadTime };
        }
      };
      const { outcome } = breaker.isShut ? turnedAway : await breaker.run(attempt);
      if (isFailed(outcome)) throw outcome.cause;
      return outcome;
    },
  });
  return {
    source: (table) => guarded(store.source(table)),
    sink: (table, options) => store.sink(table, options),
    isEmpty: (table) => store.isEmpty(table),
    ...(store.keys && { keys: (table, options) => store.keys!(table, options) }),
    ...(store.watch && { watch: (table, watcher) => store.watch!(table, watcher) }),
    get isReachable() {
      return store.isReachable !== false && breaker.state === 'closed';
    },
    close: () => store.close(),
  };
}

/** A store that says whether it is reachable has found out by itself. */
const seesSilence = ({ isReachable }: Store): boolean => isReachable !== undefined;

const isCancelled = (cause: unknown): boolean => cause instanceof AppError && cause.code === 'CANCELLED';
