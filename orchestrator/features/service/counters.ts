import { DurationSeries } from '../../../foundation/telemetry/duration-histogram.ts';
import { OUTCOMES, type Outcome } from './outcome.ts';

/** What a service counts. Plain numbers, read when metrics are scraped: the hot path only adds. */
export interface ServiceCounters {
  /** Tries by what became of them; `open` are those that the breaker kept from the service. */
  tries: Record<Outcome, number>;
  /** Tries beyond a call's first. */
  retries: number;
  /** Retries that the budget did not allow. */
  retriesOverBudget: number;
  /** How often the breaker opened. */
  breakerOpens: number;
  /** Gauges: tries on the wire, and those that wait for `maxConcurrency`. */
  inFlight: number;
  waiting: number;
  /** Keys that no call can be made of (see path-template.ts): NOT_FOUND without one. */
  refusedKeys: number;
  /** Items of answers that were not asked for, or whose key is absent or of a wrong type. */
  ignoredItems: number;
  /** Keys that an answer had twice, with different values: ERROR. */
  contradictedKeys: number;
  /** Of tries on the wire, whatever came of them. */
  durations: DurationSeries;
}

export function newCounters(durations: DurationSeries): ServiceCounters {
  const tries = Object.fromEntries(Object.keys(OUTCOMES).map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  return {
    tries,
    retries: 0,
    retriesOverBudget: 0,
    breakerOpens: 0,
    inFlight: 0,
    waiting: 0,
    refusedKeys: 0,
    ignoredItems: 0,
    contradictedKeys: 0,
    durations,
  };
}
