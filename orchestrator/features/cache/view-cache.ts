import type { CacheConfig } from '../../../config/schema.ts';
import { CallSignal } from '../../../foundation/cancel-signal.ts';
import type { Columns } from '../../plan/column.ts';
import type { ViewPlan } from '../../plan/plan.ts';
import type { Picks } from '../answer-rows.ts';
import { AwaitedRows } from '../awaited-rows.ts';
import { byFields } from '../by-fields.ts';
import { isFailed, type SharedFetch } from '../shared-fetch.ts';
import type { FeatureSource, FetchOptions, FieldSpec, Keys } from '../source.ts';
import { CachedRows } from './cached-rows.ts';
import { newCacheCounters, type CacheCounters } from './counters.ts';
import { Flights, type Flight } from './flights.ts';
import { keepLanded } from './landing.ts';
import { Lookup } from './lookup.ts';
import { WarmKeys } from './warm-keys.ts';

const KEY_NEVER_FETCHED = { fetchedAt: 0, freshUntil: -Infinity };

export interface CacheSurroundings {
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  /** Uniform in [0, 1). */
  random: () => number;
}

/** The decoded rows of one view, shared by all models: whichever fields they read, all are fetched and kept. */
export interface ViewCache {
  /**
   * The source with the cache before it. The cache outlives its sources: one over another reads the same rows. What one
   * caller lacks is one fetch, or fetches of `keysPerFetch` keys: 1 where the source makes a call a key, so that a slow
   * key holds up no other at the caller's deadline.
   */
  over(source: FeatureSource, keysPerFetch?: number): FeatureSource;
  /**
   * The rows of these keys, or all, are not what the source has any more: the next who asks has them fetched, even where
   * a fetch is under way. Only where that fails may they be used, within `staleIfError`.
   */
  expire(keys?: Iterable<string>): void;
  /**
   * Keeps these keys fresh in the background, and no others, by the source that was put over last. Keys beyond
   * `maxEntries` would drive each other out and are left alone. Resolves when each has been tried once.
   */
  keepWarm(keys: readonly string[]): Promise<void>;
  readonly counters: Readonly<CacheCounters>;
  /** Keys that are being fetched now. */
  readonly keysInFlight: number;
  /** Ends what is under way in the background and forgets all rows. */
  close(): void;
}

export function openViewCache(view: ViewPlan, config: CacheConfig, surroundings: CacheSurroundings): ViewCache {
  return new DecodedRowCache(view, config, surroundings);
}

/** One caller's fetch, and what the cache had for it. */
interface Asking {
  source: FeatureSource;
  keysPerFetch: number;
  keys: Keys;
  picks: Picks;
  answer: Columns;
  options: FetchOptions;
}

const textOf = (keys: Keys, rows: readonly number[]): string[] => rows.map((row) => keys.text[row]);

class DecodedRowCache implements ViewCache {
  readonly counters = newCacheCounters();
  readonly #fields: readonly FieldSpec[];
  readonly #picksOf = byFields((fields): Picks =>
    fields.map(({ name }) => this.#fields.findIndex((field) => field.name === name)),
  );
  readonly #config: CacheConfig;
  readonly #now: () => number;
  readonly #rows: CachedRows;
  readonly #flights: Flights;
  readonly #warm: WarmKeys;
  readonly #lookup: Lookup;
  #source: FeatureSource | undefined;

  constructor(view: ViewPlan, config: CacheConfig, { now, random }: CacheSurroundings) {
    this.#fields = view.fields.map(({ field, type }) => ({ name: field, type }));
    this.#config = config;
    this.#now = now;
    this.#rows = new CachedRows(this.#fields, config, this.counters);
    this.#lookup = new Lookup(this.#rows, this.counters);
    const onLanded = keepLanded({ rows: this.#rows, config, counters: this.counters, now, random });
    this.#flights = new Flights({ fields: this.#fields, now, onLanded });
    this.#warm = new WarmKeys({ ttlMs: config.ttl, now, timesOf: this.#timesOf, fetch: this.#fetchWarm });
  }

  get keysInFlight(): number {
    return this.#flights.size;
  }

  over(source: FeatureSource, keysPerFetch = Infinity): FeatureSource {
    this.#source = source;
    return {
      keepsTime: true,
      fetch: (keys, fields, options) => {
        const picks = this.#picksOf(fields);
        const answer = this.#lookup.read(keys, picks, this.#now());
        const { missing, expiring } = this.#lookup;
        if (expiring.length > 0) this.#refresh(source, textOf(keys, expiring), options);
        if (missing.length === 0) return answer;
        return this.#fill({ source, keysPerFetch, keys, picks, answer, options }, [...missing]);
      },
    };
  }

  expire(keys?: Iterable<string>): void {
    const expired = keys && [...keys];
    this.#flights.drop(expired);
    this.#rows.expire(expired);
  }

  keepWarm(keys: readonly string[]): Promise<void> {
    return this.#warm.keep(keys.slice(0, this.#config.maxEntries));
  }

  close(): void {
    this.#warm.stop();
    this.#flights.close();
    this.#rows.clear();
  }

  /** Waits for the rows that the cache lacks: those that nobody is fetching are fetched, the others come with theirs. */
  #fill(asking: Asking, missing: readonly number[]): Columns | Promise<Columns> {
    const { source, keysPerFetch, keys, picks, answer, options } = asking;
    this.counters.misses += missing.length;
    const standIn = (row: number, status: number): boolean =>
      this.#lookup.standIn(keys.text[row], answer, row, picks, this.#now(), status);
    const isUsable = missing.length < keys.count;
    const awaited = new AwaitedRows({ answer, picks, fetch: options, now: this.#now, standIn }, isUsable);
    const cold: number[] = [];
    for (const row of missing) {
      const seat = this.#flights.seatOf(keys.text[row]);
      if (seat) awaited.expect(row, seat.flight, seat.at);
      else cold.push(row);
    }
    for (let from = 0; from < cold.length; from += keysPerFetch) {
      const rows = cold.slice(from, from + keysPerFetch);
      const flight = this.#flights.start(source, textOf(keys, rows), options);
      for (const [at, row] of rows.entries()) awaited.expect(row, flight, at);
    }
    return awaited.wait();
  }

  /** One refresh a key, however many ask. */
  #refresh(source: FeatureSource, keys: readonly string[], options: FetchOptions): Flight | undefined {
    const idle = keys.filter((key) => this.#flights.seatOf(key) === undefined);
    if (idle.length === 0) return undefined;
    const flight = this.#flights.refresh(source, idle, options);
    if (flight) this.counters.refreshes += idle.length;
    return flight;
  }

  readonly #timesOf = (key: string): { fetchedAt: number; freshUntil: number } | undefined => {
    if (this.#flights.seatOf(key)) return undefined;
    const { table } = this.#rows;
    const slot = this.#rows.find(key);
    if (slot < 0) return KEY_NEVER_FETCHED;
    if (this.#now() < table.retryAt[slot]) return undefined;
    return { fetchedAt: table.fetchedAt[slot], freshUntil: table.freshUntil[slot] };
  };

  readonly #fetchWarm = (keys: readonly string[]): Promise<boolean> => {
    const options = { asOfMs: Infinity, deadlineMs: -Infinity, signal: new CallSignal() };
    const flight = this.#source && this.#refresh(this.#source, keys, options);
    if (flight === undefined) return Promise.resolve(false);
    if (flight.outcome) return Promise.resolve(!isFailed(flight.outcome));
    return new Promise((resolve) => {
      flight.join({ onOutcome: (_: SharedFetch, outcome) => resolve(!isFailed(outcome)) });
    });
  };
}
