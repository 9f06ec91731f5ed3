/** The shortest time between two rounds: what expires sooner than that cannot be kept warm. */
const SHORTEST_ROUND_MS = 1000;
const LONGEST_ROUND_MS = 60_000;
/** A row is fetched anew when this part of its time is left. */
const LAST_PART = 0.2;
/** Keys of one fetch; the next begins when it has ended. */
const KEYS_AT_ONCE = 500;

export interface WarmKeysOptions {
  ttlMs: number;
  now: () => number;
  /** A row's fetch and the end of its freshness; undefined where the key is not to be fetched now. */
  timesOf: (key: string) => { fetchedAt: number; freshUntil: number } | undefined;
  /** Fetches keys into the cache; false where that failed, which ends the round. */
  fetch: (keys: readonly string[]) => Promise<boolean>;
}

/**
 * Keeps a list of keys fresh: rounds over the list fetch what is about to expire, a bounded number of keys at a time
 * and one fetch after the other, so that callers of the same source go before. A failed fetch is tried again in the
 * next round.
 */
export class WarmKeys {
  readonly #options: WarmKeysOptions;
  #keys: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #generation = 0;

  constructor(options: WarmKeysOptions) {
    this.#options = options;
  }

  /** Keeps these keys warm, and no others, from now on. Resolves when the first round is over. */
  async keep(keys: readonly string[]): Promise<void> {
    this.stop();
    this.#keys = keys;
    if (keys.length > 0) await this.#round(this.#generation);
  }

  stop(): void {
    this.#generation++;
    clearTimeout(this.#timer);
  }

  async #round(generation: number): Promise<void> {
    const { due } = this.#scan();
    for (let from = 0; from < due.length; from += KEYS_AT_ONCE) {
      const isFetched = await this.#options.fetch(due.slice(from, from + KEYS_AT_ONCE));
      if (generation !== this.#generation) return;
      if (!isFetched) break;
    }
    this.#timer = setTimeout(() => void this.#round(generation), this.#scan().roundMs).unref();
  }

  /** Rounds follow the row with the shortest time, since a service may say a shorter one than `ttl`. */
  #scan(): { due: string[]; roundMs: number } {
    const nowMs = this.#options.now();
    const due: string[] = [];
    let shortestMs = this.#options.ttlMs;
    for (const key of this.#keys) {
      const times = this.#options.timesOf(key);
      if (times === undefined) continue;
      const lifetimeMs = times.freshUntil - times.fetchedAt;
      if (lifetimeMs > 0) shortestMs = Math.min(shortestMs, lifetimeMs);
      if (times.freshUntil - nowMs <= Math.max(lifetimeMs * LAST_PART, SHORTEST_ROUND_MS)) due.push(key);
    }
    const roundMs = (shortestMs * LAST_PART) / 2;
    return { due, roundMs: Math.min(Math.max(roundMs, SHORTEST_ROUND_MS), LONGEST_ROUND_MS) };
  }
}
