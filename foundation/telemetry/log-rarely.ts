/** How long a text that was told is not told again. */
const QUIET_MS = 1000;

/**
 * Tells what may happen with every request once a second at most, with how often it happened meanwhile: a store that is
 * down must not fill the log's disk. Keys are few: names of the configuration, codes.
 */
export class LogRarely {
  readonly #now: () => number;
  readonly #told = new Map<string, { at: number; untold: number }>();

  /** `now` is monotonic, in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls `tell` unless the key was told within the last second; `untold` are the times since then. */
  of(key: string, tell: (untold: number) => void): void {
    const last = this.#told.get(key);
    const at = this.#now();
    if (last && at - last.at < QUIET_MS) {
      last.untold++;
      return;
    }
    this.#told.set(key, { at, untold: 0 });
    tell(last?.untold ?? 0);
  }
}
