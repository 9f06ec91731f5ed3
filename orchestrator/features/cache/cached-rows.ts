import { LRUCache } from 'lru-cache';
import type { Columns } from '../../plan/column.ts';
import type { FieldSpec } from '../source.ts';
import type { CacheCounters } from './counters.ts';
import type { Lifetime } from './freshness.ts';
import { RowTable } from './row-table.ts';

/**
 * What a row takes, measured on Node 24 as 131,072 rows of 1 to 20 fields with keys of 20 and 60 characters (158 to 330
 * bytes a row; the estimate is within 3 %): lru-cache's entry and our times, then a value and its status a field, then a
 * text's header. A character is one byte, two where a text goes beyond Latin-1. Columns double as they grow, so that a
 * cache that is not full has memory for up to twice its rows.
 */
const ROW_BYTES = 110;
const FIELD_BYTES = 9;
const TEXT_BYTES = 20;

export interface RowLimits {
  maxEntries: number;
  maxBytes?: number | undefined;
}

/**
 * Rows by key, the one not used for the longest giving way: `lru-cache` knows the order and holds slot numbers, the
 * table the rows. Its `ttl` is not used: a row here has several ends, and is of use after the first.
 */
export class CachedRows {
  readonly table: RowTable;
  readonly #slots: LRUCache<string, number>;
  readonly #limits: RowLimits;
  readonly #counters: CacheCounters;
  readonly #rowBytes: number;

  constructor(fields: readonly FieldSpec[], limits: RowLimits, counters: CacheCounters) {
    this.table = new RowTable(fields, limits.maxEntries);
    this.#limits = limits;
    this.#counters = counters;
    const texts = fields.filter(({ type }) => type === 'string').length;
    this.#rowBytes = ROW_BYTES + TEXT_BYTES + fields.length * FIELD_BYTES + texts * TEXT_BYTES;
    this.#slots = new LRUCache<string, number>({
      max: limits.maxEntries,
      ...(limits.maxBytes === undefined
        ? {}
        : { maxSize: limits.maxBytes, sizeCalculation: (slot, key) => this.#bytesOf(key, slot) }),
      dispose: (slot, key, reason) => {
        if (reason === 'evict') counters.evictions++;
        counters.entries--;
        counters.bytes -= this.#bytesOf(key, slot);
        this.table.free(slot);
      },
    });
  }

  /** The slot of a key's row, which now is the one used last; -1 where there is none. */
  use(key: string): number {
    return this.#slots.get(key) ?? -1;
  }

  /** The slot of a key's row, or -1. */
  find(key: string): number {
    return this.#slots.peek(key) ?? -1;
  }

  /** Keeps row `at` of `from`, in place of the row that the key had. */
  put(key: string, from: Columns, at: number, nowMs: number, lifetime: Lifetime): void {
    // Before the new one is added: the table has no slot beyond `maxEntries`.
    if (!this.#slots.delete(key) && this.#slots.size === this.#limits.maxEntries) this.#slots.pop();
    const slot = this.table.add(from, at, nowMs, lifetime);
    const bytes = this.#bytesOf(key, slot);
    if (bytes > (this.#limits.maxBytes ?? Infinity)) return this.table.free(slot);
    this.#counters.entries++;
    this.#counters.bytes += bytes;
    this.#slots.set(key, slot);
  }

  drop(keys: Iterable<string>): void {
    for (const key of keys) this.#slots.delete(key);
  }

  clear(): void {
    this.#slots.clear();
  }

  /** The same for a row as long as it is kept: what was added is what is taken off. */
  #bytesOf(key: string, slot: number): number {
    return this.#rowBytes + key.length + this.table.textLength(slot);
  }
}
