import { AppError } from '../../../foundation/errors.ts';
import { Status } from '../../plan/column.ts';
import { failureOf } from '../fetch-in-time.ts';
import { patientTimer } from '../patient-timer.ts';
import { SharedFetch, type FetchOutcome } from '../shared-fetch.ts';
import type { FeatureSource, FetchOptions, FieldSpec } from '../source.ts';

/**
 * A fetch goes on for the cache when its callers have left, to the source's own bound and no longer than this: a source
 * that never answers must not keep its keys from being fetched again.
 */
const MAX_FLIGHT_MS = 10_000;
/** Fetches that nobody waits for, at once: refreshes and those that their callers left. One more is not begun, or ended. */
const MAX_UNWANTED = 64;

/** A fetch for the cache: one for whatever callers ask for its keys meanwhile. */
export class Flight extends SharedFetch {
  /** Begun before anybody had to wait for it. */
  readonly isRefresh: boolean;
  stopTimer: (() => void) | undefined;

  constructor(isRefresh: boolean, onDeserted: (fetch: SharedFetch) => void) {
    super(onDeserted);
    this.isRefresh = isRefresh;
  }
}

/** Where a key that is being fetched will have its row. */
export interface Seat {
  flight: Flight;
  at: number;
}

export interface FlightsOptions {
  /** Every flight fetches all of them. */
  fields: readonly FieldSpec[];
  now: () => number;
  /** Told of what a flight brought, or why nothing; `isCurrent(at)` is false for keys dropped since it began. */
  onLanded: (flight: Flight, outcome: FetchOutcome, isCurrent: (at: number) => boolean) => void;
}

/** The fetches under way, by key: a key is in one flight at a time. */
export class Flights {
  readonly #options: FlightsOptions;
  readonly #seats = new Map<string, Seat>();
  readonly #open = new Set<Flight>();
  /** Those that nobody waited for when they were last looked at: never many more than `MAX_UNWANTED`. */
  readonly #unwanted = new Set<Flight>();

  constructor(options: FlightsOptions) {
    this.#options = options;
  }

  seatOf(key: string): Seat | undefined {
    return this.#seats.get(key);
  }

  /** Keys that are in flight. */
  get size(): number {
    return this.#seats.size;
  }

  /** Fetches keys that callers wait for. */
  start(source: FeatureSource, keys: readonly string[], options: FetchOptions): Flight {
    return this.#start(source, keys, options, false);
  }

  /** Fetches keys that nobody waits for; undefined where too many such fetches are under way. */
  refresh(source: FeatureSource, keys: readonly string[], options: FetchOptions): Flight | undefined {
    return this.#countUnwanted() < MAX_UNWANTED ? this.#start(source, keys, options, true) : undefined;
  }

  /** What is in flight for these keys (all, by default) is not for the cache any more; its callers still get it. */
  drop(keys?: Iterable<string>): void {
    if (keys === undefined) this.#seats.clear();
    else for (const key of keys) this.#seats.delete(key);
  }

  /** Ends all flights; who waits for one is told that it failed. */
  close(): void {
    for (const flight of this.#open) this.#end(flight);
  }

  #start(source: FeatureSource, keys: readonly string[], options: FetchOptions, isRefresh: boolean): Flight {
    const flight = new Flight(isRefresh, this.#onDeserted);
    flight.text.push(...keys);
    for (const [at, key] of keys.entries()) this.#seats.set(key, { flight, at });
    this.#open.add(flight);
    if (isRefresh) this.#unwanted.add(flight);
    const nowMs = this.#options.now();
    const boundMs = Math.max(MAX_FLIGHT_MS, options.deadlineMs - nowMs);
    const land = (outcome: FetchOutcome): void => this.#land(flight, outcome);
    try {
      const fetched = source.fetch({ count: keys.length, text: flight.text }, this.#options.fields, {
        ...options,
        deadlineMs: nowMs + boundMs,
        signal: flight.signal,
      });
      if (!(fetched instanceof Promise)) land(fetched);
      else {
        flight.stopTimer = patientTimer(boundMs, () => this.#expire(flight));
        fetched.then(land, (cause: unknown) => land(failureOf(cause)));
      }
    } catch (cause) {
      land(failureOf(cause));
    }
    return flight;
  }

  #land(flight: Flight, outcome: FetchOutcome): void {
    if (!this.#close(flight)) return;
    const isCurrent = (at: number): boolean => this.#seats.get(flight.text[at])?.flight === flight;
    this.#options.onLanded(flight, outcome, isCurrent);
    this.#leaveSeats(flight);
    flight.settle(outcome);
  }

  #expire(flight: Flight): void {
    this.#land(flight, { status: Status.TIMEOUT });
    flight.signal.abort();
  }

  readonly #onDeserted = (fetch: SharedFetch): void => {
    const flight = fetch as Flight;
    this.#unwanted.add(flight);
    if (this.#countUnwanted() > MAX_UNWANTED) this.#end(flight);
  };

  #end(flight: Flight): void {
    if (!this.#close(flight)) return;
    this.#leaveSeats(flight);
    flight.settle({ status: Status.ERROR, cause: new AppError('CANCELLED', 'The fetch was given up.') });
    flight.signal.abort();
  }

  #close(flight: Flight): boolean {
    flight.stopTimer?.();
    this.#unwanted.delete(flight);
    return this.#open.delete(flight);
  }

  #leaveSeats(flight: Flight): void {
    for (const key of flight.text) if (this.#seats.get(key)?.flight === flight) this.#seats.delete(key);
  }

  /** Who joined a flight since it was left or begun made it wanted. */
  #countUnwanted(): number {
    for (const flight of this.#unwanted) if (flight.isWanted) this.#unwanted.delete(flight);
    return this.#unwanted.size;
  }
}
