/** Retries per call that is made, on the average. */
const SHARE = 0.2;
/** Retries that a quiet service may have at once. */
const BURST = 10;
/** The shortest and the longest pause before another try. */
const BASE_MS = 5;
const LONGEST_MS = 1000;

/**
 * A budget of retries, 20 % of live calls: when a service fails as a whole, tries on top of tries would keep it down.
 * Each call pays in a fifth of a retry, each retry takes one out.
 */
export class RetryBudget {
  #tokens = BURST;

  onCall(): void {
    this.#tokens = Math.min(BURST, this.#tokens + SHARE);
  }

  /** True when there was one to take. */
  take(): boolean {
    // A fifth has no exact double: five of them are a retry all the same.
    if (this.#tokens < 1 - 1e-9) return false;
    this.#tokens--;
    return true;
  }
}

/**
 * Decorrelated jitter: each pause is drawn between the base and three times the one before (AWS Architecture Blog,
 * "Exponential Backoff and Jitter"), so that callers who failed together do not come back together.
 */
export function nextPauseMs(lastMs: number | undefined, random: () => number): number {
  const last = lastMs ?? BASE_MS;
  return Math.min(LONGEST_MS, BASE_MS + random() * (3 * last - BASE_MS));
}
