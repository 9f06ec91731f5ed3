import type { CacheConfig } from '../../../config/schema.ts';

/** How much earlier or later than configured a row's times end: rows fetched at once do not all expire at once. */
const JITTER = 0.1;

/** Until when a row may be used, on the clock of the cache: fresh, stale while it is fetched anew, for a failed fetch. */
export interface Lifetime {
  freshMs: number;
  staleMs: number;
  errorMs: number;
}

/** What a row is, as to how long it may be kept. */
interface RowKind {
  /** The store or service said that there is none. */
  isMissing: boolean;
  /** A cell of it could not be used (a wrong type). */
  isFlawed: boolean;
  /** How long the service says that the row is fresh; NaN where it does not. */
  saidFreshMs: number;
}

export type ReadLifetime = (kind: RowKind) => Lifetime;

/**
 * How long a row may be kept, drawn for each row: all times of one row are stretched by the same factor, so that they
 * keep their order. A service's own word shortens `ttl`, never what is used stale. That there is no row, or a flawed
 * one, is kept for `negativeTtl` and never used stale: an old absence tells nothing, and a flawed row may be mended.
 */
export function compileLifetime(config: CacheConfig, random: () => number): ReadLifetime {
  const { ttl, staleWhileRevalidate = 0, staleIfError = 0 } = config;
  const negativeTtl = config.negativeTtl ?? ttl;
  return ({ isMissing, isFlawed, saidFreshMs }) => {
    const factor = 1 - JITTER + 2 * JITTER * random();
    const longest = isMissing ? negativeTtl : isFlawed ? Math.min(ttl, negativeTtl) : ttl;
    // `>` is false for NaN: then nothing is said.
    const freshMs = longest * factor > saidFreshMs ? Math.max(0, saidFreshMs) : longest * factor;
    if (isMissing || isFlawed) return { freshMs, staleMs: freshMs, errorMs: freshMs };
    const staleMs = Math.max(freshMs, staleWhileRevalidate * factor);
    return { freshMs, staleMs, errorMs: Math.max(staleMs, staleIfError * factor) };
  };
}
