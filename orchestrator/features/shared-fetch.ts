import { CallSignal } from '../../foundation/cancel-signal.ts';
import type { Columns } from '../plan/column.ts';
import type { FailedFetch } from './fetch-in-time.ts';

/** What came of a fetch: its rows, or that nothing of it can be used. */
export type FetchOutcome = Columns | FailedFetch;

export const isFailed = (outcome: FetchOutcome): outcome is FailedFetch => !('rows' in outcome);

/** Who waits for a shared fetch. */
export interface Rider {
  /** Told once, when the outcome is there. */
  onOutcome(fetch: SharedFetch, outcome: FetchOutcome): void;
}

/**
 * One fetch of a source for any number of callers. Each leaves when it likes (its deadline, its cancel), which is
 * nothing to the others; who started the fetch is told when the last one has left before the outcome.
 */
export class SharedFetch {
  /** The keys, each once, in the order in which the outcome has their rows. */
  readonly text: string[] = [];
  /** What the source is given to listen to. */
  readonly signal = new CallSignal();
  outcome: FetchOutcome | undefined;
  readonly #riders = new Set<Rider>();
  readonly #onDeserted: (fetch: SharedFetch) => void;

  constructor(onDeserted: (fetch: SharedFetch) => void) {
    this.#onDeserted = onDeserted;
  }

  get isWanted(): boolean {
    return this.#riders.size > 0;
  }

  join(rider: Rider): void {
    this.#riders.add(rider);
  }

  leave(rider: Rider): void {
    if (this.#riders.delete(rider) && this.#riders.size === 0 && this.outcome === undefined) this.#onDeserted(this);
  }

  /** Gives every rider the outcome; the first one counts. */
  settle(outcome: FetchOutcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    const riders = [...this.#riders];
    this.#riders.clear();
    for (const rider of riders) rider.onOutcome(this, outcome);
  }
}
