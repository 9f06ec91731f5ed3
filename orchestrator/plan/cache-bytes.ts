import type { ScalarType } from '../../cel/types.ts';
import type { ViewPlan } from './plan.ts';
import { rowBytesOf } from './row-bytes.ts';

/** What the cache of one view may hold, in ms, rows and bytes; null where the YAML sets none. */
export interface CacheDescription {
  ttlMs: number;
  staleWhileRevalidateMs: number | null;
  staleIfErrorMs: number | null;
  negativeTtlMs: number | null;
  maxEntries: number;
  maxBytes: number | null;
  /** A row with its key, estimated from their types. */
  rowBytes: number;
  /** The most that it holds: `maxEntries` rows, or `maxBytes` where that is less. */
  bytes: number;
}

/** What a string of a row or a key is taken to hold: a guess, so that bytes are an estimate and `maxBytes` the limit. */
const STRING_CHARACTERS = 24;
/** Characters of a key part as stores write it. */
const KEY_CHARACTERS: Readonly<Record<ScalarType, number>> = {
  bool: 5,
  int64: 10,
  double: 17,
  string: STRING_CHARACTERS,
  timestamp: '2013-09-27T10:00:00Z'.length,
};

export function describeCache(view: ViewPlan): CacheDescription | null {
  const { cache } = view;
  if (cache === undefined) return null;
  const rowBytes = estimateRowBytes(view);
  return {
    ttlMs: cache.ttl,
    staleWhileRevalidateMs: cache.staleWhileRevalidate ?? null,
    staleIfErrorMs: cache.staleIfError ?? null,
    negativeTtlMs: cache.negativeTtl ?? null,
    maxEntries: cache.maxEntries,
    maxBytes: cache.maxBytes ?? null,
    rowBytes,
    bytes: Math.min(cache.maxBytes ?? Infinity, cache.maxEntries * rowBytes),
  };
}

/** All fields of the view, whichever of them a model reads: an upper bound for the models together. */
function estimateRowBytes({ key, fields }: ViewPlan): number {
  const keyCharacters = key.reduce((sum, { type }) => sum + KEY_CHARACTERS[type], key.length - 1);
  const strings = fields.filter(({ type }) => type === 'string').length;
  return rowBytesOf(fields) + keyCharacters + strings * STRING_CHARACTERS;
}
