import { newNumbers } from '../../../foundation/slab.ts';
import { stateOf, Status, statusOf, type Columns, type Values } from '../../plan/column.ts';
import type { Picks } from '../answer-rows.ts';
import type { FieldSpec } from '../source.ts';
import type { Lifetime } from './freshness.ts';
import { grownBytes, grownNumbers, presentStates, readStates, readValues } from './read-columns.ts';

const FIRST_SLOTS = 64;

/**
 * Decoded rows in columns, by slot: numbers lie in typed arrays, so that ten thousand rows are a few objects to the
 * garbage collector and a hit copies eight bytes a value. Columns double up to `maxRows`; freed slots are used again.
 */
export class RowTable {
  readonly #maxRows: number;
  readonly #free: number[] = [];
  /** Slots that were ever used: the next new one. */
  #used = 0;
  #slots = 0;
  #values: Values[] = [];
  #statuses: Uint8Array[] = [];
  #timestampMs = new Float64Array(0);
  /** 1 where every cell of the row is PRESENT, which is nearly all: such rows share one array of states. */
  #isWhole = new Uint8Array(0);
  /** Times of each slot's row on the cache's clock. */
  fetchedAt = new Float64Array(0);
  freshUntil = new Float64Array(0);
  staleUntil = new Float64Array(0);
  errorUntil = new Float64Array(0);
  /** Not to be fetched again before, since the last try failed; and how it failed. */
  retryAt = new Float64Array(0);
  failure = new Uint8Array(0);

  constructor(fields: readonly FieldSpec[], maxRows: number) {
    this.#maxRows = maxRows;
    this.#values = fields.map(({ type }) => (type === 'string' ? [] : new Float64Array(0)));
    this.#statuses = fields.map(() => new Uint8Array(0));
  }

  /** Slots that there is memory for; never more than `maxRows`. */
  get slots(): number {
    return this.#slots;
  }

  /** Keeps row `at` of `from` from now on; its slot. The caller has seen to it that fewer than `maxRows` are used. */
  add(from: Columns, at: number, nowMs: number, { freshMs, staleMs, errorMs }: Lifetime): number {
    const slot = this.#free.pop() ?? this.#next();
    let isWhole = 1;
    for (let field = 0; field < this.#values.length; field++) {
      const status = statusOf(from.states[field][at]);
      this.#values[field][slot] = from.values[field][at]!;
      this.#statuses[field][slot] = status;
      if (status !== Status.PRESENT) isWhole = 0;
    }
    this.#isWhole[slot] = isWhole;
    this.#timestampMs[slot] = from.timestampMs[at];
    this.fetchedAt[slot] = nowMs;
    this.freshUntil[slot] = nowMs + freshMs;
    this.staleUntil[slot] = nowMs + staleMs;
    this.errorUntil[slot] = nowMs + errorMs;
    this.retryAt[slot] = -Infinity;
    return slot;
  }

  /** Whether the row is of use for failed fetches when it is of none else. */
  outlivesStale(slot: number): boolean {
    return this.errorUntil[slot] > this.staleUntil[slot];
  }

  /** The row is neither fresh nor stale any more, and is fetched anew at once. */
  expire(slot: number): void {
    this.freshUntil[slot] = -Infinity;
    this.staleUntil[slot] = -Infinity;
    this.retryAt[slot] = -Infinity;
  }

  /** Forgets the row. Its texts go at once; numbers are written over. */
  free(slot: number): void {
    for (const values of this.#values) if (!(values instanceof Float64Array)) values[slot] = null;
    this.#free.push(slot);
  }

  /** The characters of a row's texts. */
  textLength(slot: number): number {
    let length = 0;
    for (const values of this.#values) if (!(values instanceof Float64Array)) length += values[slot]?.length ?? 0;
    return length;
  }

  isMissing(slot: number): boolean {
    return this.#isWhole[slot] === 0 && this.#statuses.every((statuses) => statuses[slot] === Status.NOT_FOUND);
  }

  /** True where a cell of the row could not be used. */
  isFlawed(slot: number): boolean {
    return this.#isWhole[slot] === 0 && this.#statuses.some((statuses) => statuses[slot] >= Status.TIMEOUT);
  }

  /**
   * An answer of one row a slot, `sources[row]` its source; -1 leaves a row to be filled. Column by column: 15 ns a
   * row of five fields, where row by row takes 52. Fields share one array of states where all cells of all rows are
   * PRESENT.
   */
  read(picks: Picks, slots: Int32Array, sources: Uint8Array, rows: number): Columns {
    const isWhole = this.#areWhole(slots, rows);
    const timestampMs = newNumbers(rows);
    for (let row = 0; row < rows; row++) if (slots[row] >= 0) timestampMs[row] = this.#timestampMs[slots[row]];
    const shared = isWhole ? presentStates(sources, rows) : undefined;
    return {
      rows,
      values: picks.map((field) => readValues(this.#values[field], slots, rows)),
      states: picks.map((field) => shared ?? readStates(this.#statuses[field], slots, sources, rows)),
      timestampMs,
    };
  }

  /** Copies one row into an answer; `failure`, where there is one, is the status of its cells in place of their own. */
  copy(slot: number, answer: Columns, row: number, picks: Picks, source: number, failure: number): void {
    for (let field = 0; field < picks.length; field++) {
      answer.values[field][row] = this.#values[picks[field]][slot]!;
      answer.states[field][row] = stateOf(failure || this.#statuses[picks[field]][slot], source);
    }
    answer.timestampMs[row] = this.#timestampMs[slot];
  }

  #areWhole(slots: Int32Array, rows: number): boolean {
    for (let row = 0; row < rows; row++) if (slots[row] < 0 || this.#isWhole[slots[row]] === 0) return false;
    return true;
  }

  #next(): number {
    if (this.#used === this.#slots) this.#grow(Math.min(this.#maxRows, Math.max(FIRST_SLOTS, this.#slots * 2)));
    return this.#used++;
  }

  #grow(slots: number): void {
    this.#slots = slots;
    this.#values = this.#values.map((values) =>
      values instanceof Float64Array ? grownNumbers(values, slots) : values,
    );
    this.#statuses = this.#statuses.map((statuses) => grownBytes(statuses, slots));
    this.#timestampMs = grownNumbers(this.#timestampMs, slots);
    this.#isWhole = grownBytes(this.#isWhole, slots);
    this.fetchedAt = grownNumbers(this.fetchedAt, slots);
    this.freshUntil = grownNumbers(this.freshUntil, slots);
    this.staleUntil = grownNumbers(this.staleUntil, slots);
    this.errorUntil = grownNumbers(this.errorUntil, slots);
    this.retryAt = grownNumbers(this.retryAt, slots);
    this.failure = grownBytes(this.failure, slots);
  }
}
