import type { RoundTrips } from './examination.ts';

/** The median and the 99th percentile, each a time that was measured. Null of none. */
export function percentilesOf(timesMs: readonly number[]): RoundTrips | null {
  if (timesMs.length === 0) return null;
  const sorted = timesMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1];
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}
