import { CircuitState, type IBreaker } from 'cockatiel';

/** So many failures in a row open the breaker. */
const IN_A_ROW = 5;
/** Half of at least so many calls within the last ten seconds do too. */
const ENOUGH_CALLS = 20;
const SECONDS = 10;

/**
 * When to open: after 5 failures in a row, or when half of at least 20 calls of the last 10 s failed. cockatiel's own
 * SamplingBreaker forgets one of its windows a call, not all that have passed: on a quiet service failures of a minute
 * ago would still count, and it opens above half only.
 */
export class BreakerRule implements IBreaker {
  /** cockatiel keeps a breaker's state across processes by it; ours begins anew. */
  state: unknown;
  readonly #now: () => number;
  readonly #seconds = new Float64Array(SECONDS).fill(-1);
  readonly #calls = new Float64Array(SECONDS);
  readonly #failures = new Float64Array(SECONDS);
  #inARow = 0;

  /** `now` is monotonic, in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.#seconds.fill(-1);
    this.#inARow = 0;
    this.#count(0);
  }

  failure(state: CircuitState): boolean {
    const second = this.#count(1);
    this.#inARow++;
    if (state !== CircuitState.Closed || this.#inARow >= IN_A_ROW) return true;
    let calls = 0;
    let failures = 0;
    for (let at = 0; at < SECONDS; at++) {
      if (second - this.#seconds[at] >= SECONDS) continue;
      calls += this.#calls[at];
      failures += this.#failures[at];
    }
    return calls >= ENOUGH_CALLS && failures * 2 >= calls;
  }

  #count(failures: number): number {
    const second = Math.floor(this.#now() / 1000);
    const at = second % SECONDS;
    if (this.#seconds[at] !== second) {
      this.#seconds[at] = second;
      this.#calls[at] = 0;
      this.#failures[at] = 0;
    }
    this.#calls[at]++;
    this.#failures[at] += failures;
    return second;
  }
}
