/** What a view's cache did so far and what it holds now. Counts are of keys. */
export interface CacheCounters {
  /** Served fresh; `negativeHits` are those of them that say that there is no row. */
  hits: number;
  negativeHits: number;
  /** Asked of the source, or of a fetch that was under way. */
  misses: number;
  /** Served stale: while fetched anew, or in place of a failed fetch. */
  stale: number;
  /** Fetched in the background, and those of them that failed. */
  refreshes: number;
  refreshFailures: number;
  /** Rows that gave way to others. */
  evictions: number;
  /** Ages of the rows served, since their fetches, summed: over `hits + stale` their mean. */
  servedAgeMs: number;
  entries: number;
  /** An estimate: see cached-rows.ts. */
  bytes: number;
}

export const newCacheCounters = (): CacheCounters => ({
  hits: 0,
  negativeHits: 0,
  misses: 0,
  stale: 0,
  refreshes: 0,
  refreshFailures: 0,
  evictions: 0,
  servedAgeMs: 0,
  entries: 0,
  bytes: 0,
});
