import type { ScalarType } from '../../cel/types.ts';
import type { CancelSignal } from '../../foundation/cancel-signal.ts';
import type { Columns } from '../plan/column.ts';
import type { Finding } from './finding.ts';

/** Distinct keys of one fetch. `text[i]` is the canonical `part|part` of key i, escaped (see row-key.ts). */
export interface Keys {
  count: number;
  text: readonly string[];
}

/** A field that a view reads: its name in the row and the type its values must have. */
export interface FieldSpec {
  name: string;
  type: ScalarType;
}

export interface FetchOptions {
  /** The moment the request is about, epoch ms. */
  asOfMs: number;
  /** Monotonic moment (`performance.now()` scale) after which nobody waits for the answer. */
  deadlineMs: number;
  signal: CancelSignal;
  /** The caller's `traceparent`, which calls over the network pass on. */
  trace?: string;
}

/**
 * Where a view's rows are read: a table of a store, a service, a cache in front of either, an offline join.
 * Answers one row a key, in the order of the keys; `fields` picks and orders the columns. An absent key is status
 * NOT_FOUND, a value of the wrong type ERROR, a null NULL_VALUE, each for its own cell; a fetch as a whole rejects only
 * when nothing of it can be used (DEADLINE_EXCEEDED for having been late). What is at hand (an embedded store, a cache
 * hit) is answered without a promise.
 */
export interface FeatureSource {
  /**
   * True where a fetch settles at its deadline by itself, with what it has by then (a cache its stale rows, a merged
   * fetch those of its chunks that are there). Who asks keeps time for all others.
   */
  readonly keepsTime?: boolean;
  fetch(keys: Keys, fields: readonly FieldSpec[], options: FetchOptions): Columns | Promise<Columns>;
}

/** A row on its way into a store: key parts in the view's order, fields by name, `_ts` in epoch ms where known. */
export interface Row {
  key: string;
  values: Record<string, number | string | boolean | null>;
  timestampMs?: number;
}

/** Where rows are written: ingest, push, control topics. */
export interface RowSink {
  /**
   * Resolves when the rows are durable and visible, with how many were put in place: fewer than were given where the
   * sink keeps newer ones. Throws INVALID_INPUT where a row cannot be said, and nothing of the call is written then.
   */
  write(rows: readonly Row[], options: { signal: AbortSignal }): Promise<number>;
}

/** How a sink writes. What a store cannot do is refused when the sink is made, INVALID_INPUT. */
export interface SinkOptions {
  /** Rows vanish so long after they were written. Default: what the store's configuration says, else they stay. */
  expiryMs?: number;
  /** A row whose `_ts` is older than that of the row in place is not written; one without a time always is. */
  newest?: boolean;
}

/** Until when an examination waits. */
export interface InspectOptions {
  /** Monotonic moment (`performance.now()` scale) after which nobody waits for the answer. */
  deadlineMs: number;
  signal: AbortSignal;
}

/** What a store says of itself, and what of it hurts. */
export interface StoreInspection {
  /** What it is, as it tells itself: `redis`, `7.0.15`. */
  server: { name: string; version: string | null };
  /** Settings and sizes by name, the unit in the name (`fileBytes`); null where the store does not say. */
  facts: Record<string, string | number | boolean | null>;
  findings: Finding[];
}

/** What some rows take, summed over those of them that there are. */
export interface RowBytes {
  rows: number;
  keyBytes: number;
  valueBytes: number;
  /** Of the server's memory, by its own word; null where it tells none. */
  memoryBytes: number | null;
}

/** Who keeps rows of a store, and wants to know when they change. */
export interface RowWatcher {
  /** Rows of these keys (`part|part`) have changed, or were removed. */
  onChanged(keys: readonly string[]): void;
  /** Any row may have changed: for a while nobody would have told. */
  onLost(): void;
}

/** An open store: the connection that the views of one `stores:` entry share. */
export interface Store {
  source(table: string): FeatureSource;
  sink(table: string, options?: SinkOptions): RowSink;
  /** True while the table holds no row. */
  isEmpty(table: string): Promise<boolean>;
  /**
   * The keys of a table (the `part|part` of each row), in no order, in pages; a row that is written meanwhile may be
   * among them or not, and one key may come twice. Absent where the store cannot list its keys.
   */
  keys?(table: string, options: { signal: AbortSignal }): AsyncIterable<readonly string[]>;
  /**
   * For `tandem doctor`. Rejects where the store does not answer; what it does not want to tell is null, no failure.
   * Absent: it tells nothing.
   */
  inspect?(options: InspectOptions): Promise<StoreInspection>;
  /** Bytes of the rows of these keys (`part|part`), which may be gone meanwhile. Absent: it does not tell. */
  rowBytes?(table: string, keys: readonly string[], options: InspectOptions): Promise<RowBytes>;
  /** Tells of changes to a table's rows that were read from here, until the function is called that it gives. Absent: it cannot. */
  watch?(table: string, watcher: RowWatcher): () => void;
  /** False while the store is known not to answer. Absent: it always does, as an embedded one. */
  readonly isReachable?: boolean;
  close(): Promise<void>;
}
