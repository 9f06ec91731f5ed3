import { LRUCache } from 'lru-cache';
import type { Columns } from '../../plan/column.ts';
import { rowBytesOf } from '../../plan/row-bytes.ts';
import type { FieldSpec } from '../source.ts';
import type { CacheCounters } from './counters.ts';
import type { Lifetime } from './freshness.ts';
import { RowTable } from './row-table.ts';

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
    this.#rowBytes = rowBytesOf(fields);
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

  /** Ends the time in which the rows of these keys, or all, are fresh or stale: they may only stand in for failures. */
  expire(keys?: Iterable<string>): void {
    for (const key of keys ?? [...this.#slots.keys()]) {
      const slot = this.find(key);
      if (slot < 0) continue;
      if (this.table.outlivesStale(slot)) this.table.expire(slot);
      else this.#slots.delete(key);
    }
  }

  clear(): void {
    this.#slots.clear();
  }

  /** The same for a row as long as it is kept: what was added is what is taken off. */
  #bytesOf(key: string, slot: number): number {
    return this.#rowBytes + key.length + this.table.textLength(slot);
  }
}
