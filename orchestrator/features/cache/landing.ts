import type { CacheConfig } from '../../../config/schema.ts';
import { Status, statusOf, type Columns } from '../../plan/column.ts';
import { flawOf, isRowFailed } from '../answer-rows.ts';
import { isFailed } from '../shared-fetch.ts';
import type { CachedRows } from './cached-rows.ts';
import type { CacheCounters } from './counters.ts';
import type { FlightsOptions } from './flights.ts';
import { compileLifetime } from './freshness.ts';

/**
 * After a failed fetch a key that has a row of use is not fetched again for about so long: meanwhile its callers get
 * that row at once, and a service that is in trouble is spared.
 */
const RETRY_MS = 250;

export interface LandingOptions {
  rows: CachedRows;
  config: CacheConfig;
  counters: CacheCounters;
  now: () => number;
  random: () => number;
}

/** Keeps what flights bring, each row for its time; a key whose fetch failed keeps the row that it has. */
export function keepLanded({ rows, config, counters, now, random }: LandingOptions): FlightsOptions['onLanded'] {
  const readLifetime = compileLifetime(config, random);

  /** Has the key's row used until the next try; false where it has none that may be. */
  const postpone = (key: string, status: number, nowMs: number, waitMs: number): boolean => {
    const { table } = rows;
    const slot = rows.find(key);
    if (slot < 0 || nowMs >= table.errorUntil[slot]) return false;
    table.retryAt[slot] = nowMs + waitMs;
    table.failure[slot] = status;
    return true;
  };

  const fail = (key: string, status: number, nowMs: number): false => {
    postpone(key, status, nowMs, RETRY_MS * (0.5 + random()));
    return false;
  };

  /** Keeps a row that a flight brought; false where the fetch of its key has failed. */
  const keep = (key: string, from: Columns, at: number, nowMs: number): boolean => {
    const flaw = flawOf(from, at);
    if (flaw !== 0 && isRowFailed(from, at)) return fail(key, flaw, nowMs);
    const lifetime = readLifetime({
      isMissing: from.states.every((states) => statusOf(states[at]) === Status.NOT_FOUND),
      isFlawed: flaw !== 0,
      saidFreshMs: from.freshMs?.[at] ?? Number.NaN,
    });
    // A sound row that may stand in for failures is worth more than a flawed one, which then counts as a failure.
    if (flaw !== 0 && postpone(key, flaw, nowMs, lifetime.freshMs)) return false;
    rows.put(key, from, at, nowMs, lifetime);
    return true;
  };

  return (flight, outcome, isCurrent) => {
    const nowMs = now();
    for (const [at, key] of flight.text.entries()) {
      if (!isCurrent(at)) continue;
      const isKept = isFailed(outcome) ? fail(key, outcome.status, nowMs) : keep(key, outcome, at, nowMs);
      if (!isKept && flight.isRefresh) counters.refreshFailures++;
    }
  };
}
