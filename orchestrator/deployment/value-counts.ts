import type { Shared } from './registry.ts';

/** Values by state byte, as a view's gatherer counts them. */
const STATES = 64;

/**
 * What the gatherers of one view and model have counted, over every deployment: what Prometheus reads as a counter must
 * not fall when a deployment goes.
 */
export class ValueCounts implements Shared {
  readonly #gone = new Float64Array(STATES);
  readonly #living = new Set<Float64Array>();

  add(counts: Float64Array): void {
    this.#living.add(counts);
  }

  /** The gatherer of these counts counts no more. */
  retire(counts: Float64Array): void {
    if (this.#living.delete(counts)) addTo(this.#gone, counts);
  }

  get total(): Float64Array {
    const total = this.#gone.slice();
    for (const counts of this.#living) addTo(total, counts);
    return total;
  }

  close(): void {
    this.#living.clear();
  }
}

function addTo(sum: Float64Array, counts: Float64Array): void {
  for (let state = 0; state < sum.length; state++) sum[state] += counts[state];
}
