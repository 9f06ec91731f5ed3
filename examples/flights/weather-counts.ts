/** What callers asked the weather service for: how a test sees that a cache spared a call. */
export class Counts {
  #routes = { lookup: { calls: 0, keys: 0 }, station: { calls: 0, keys: 0 } };
  readonly #perKey = new Map<string, number>();

  add(route: 'lookup' | 'station', keys: readonly string[]): void {
    this.#routes[route].calls++;
    this.#routes[route].keys += keys.length;
    for (const key of keys) this.#perKey.set(key, (this.#perKey.get(key) ?? 0) + 1);
  }

  /** By route, and over both: different keys, and how often the most wanted was asked for. */
  get shown(): object {
    let mostOfOneKey = 0;
    for (const count of this.#perKey.values()) mostOfOneKey = Math.max(mostOfOneKey, count);
    return { ...this.#routes, distinctKeys: this.#perKey.size, mostOfOneKey };
  }

  reset(): object {
    this.#routes = { lookup: { calls: 0, keys: 0 }, station: { calls: 0, keys: 0 } };
    this.#perKey.clear();
    return this.shown;
  }
}
