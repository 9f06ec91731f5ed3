/** What the operator allows: see `wrapper.batching` in the YAML. */
export interface BatchingLimits {
  /** Rows of one `predict`. */
  maxRows: number;
  /** How long a call may be held for others to join it, in ms. */
  maxWaitMs: number;
}

/** What waits to be computed together. */
export interface Waiting {
  calls: number;
  rows: number;
  /** When the first of them came. */
  sinceMs: number;
  /** The first of their deadlines. */
  deadlineMs: number;
}

/** Each new measurement weighs this much against all before it. */
const FRESHNESS = 0.1;
/** Nobody is held when less than this would be left of its deadline after the model's time, measured or not. */
const SPARE_MS = 2;
/** Calls that do not come after so many usual gaps do not come. */
const GAPS = 2;

/**
 * When to stop waiting for one more call. Learns the line on which the model's time lies, a · rows + b, and the usual gap
 * between calls: to wait for one more costs each call that waits that gap, and saves one b. (BentoML's dispatcher weighs
 * the same two: src/_bentoml_sdk and bentoml/_internal/marshal.) Until a model has been timed with two sizes, its whole
 * time counts as b.
 */
export class BatchingPolicy {
  readonly #limits: BatchingLimits;
  /** Means of rows, ms, rows², rows · ms: what the line of least squares is made of. */
  #line: { rows: number; ms: number; squares: number; products: number } | undefined;
  #gapMs: number | undefined;
  #lastCallMs: number | undefined;

  constructor(limits: BatchingLimits) {
    this.#limits = limits;
  }

  /** A call came. */
  came(nowMs: number): void {
    if (this.#lastCallMs !== undefined) {
      // A long silence says no more than that there was one: it must not outweigh all calls of a busy second.
      const gapMs = Math.min(nowMs - this.#lastCallMs, this.#limits.maxWaitMs * GAPS);
      this.#gapMs = this.#gapMs === undefined ? gapMs : mix(this.#gapMs, gapMs);
    }
    this.#lastCallMs = nowMs;
  }

  /** A batch took its time. */
  took(rows: number, ms: number): void {
    const now = { rows, ms, squares: rows * rows, products: rows * ms };
    const line = this.#line;
    this.#line = line && {
      rows: mix(line.rows, now.rows),
      ms: mix(line.ms, now.ms),
      squares: mix(line.squares, now.squares),
      products: mix(line.products, now.products),
    };
    this.#line ??= now;
  }

  /** Until when what waits goes on waiting for one more; a moment that has passed: not at all. */
  waitUntil(waiting: Waiting, nowMs: number): number {
    const { maxRows, maxWaitMs } = this.#limits;
    const gapMs = this.#gapMs;
    const { perRowMs, fixedMs } = this.#times();
    if (waiting.rows >= maxRows || gapMs === undefined || waiting.calls * gapMs >= fixedMs) return nowMs;
    const computingMs = perRowMs * waiting.rows + fixedMs;
    return Math.min(
      waiting.sinceMs + maxWaitMs,
      waiting.deadlineMs - computingMs - SPARE_MS,
      (this.#lastCallMs ?? nowMs) + gapMs * GAPS,
    );
  }

  #times(): { perRowMs: number; fixedMs: number } {
    if (this.#line === undefined) return { perRowMs: 0, fixedMs: 0 };
    const { rows, ms, squares, products } = this.#line;
    const variance = squares - rows * rows;
    const slope = variance > 1e-9 ? (products - rows * ms) / variance : 0;
    // Noise gives lines that fall, or that begin under nothing.
    const perRowMs = Math.min(Math.max(0, slope), rows > 0 ? ms / rows : 0);
    return { perRowMs, fixedMs: ms - perRowMs * rows };
  }
}

const mix = (before: number, now: number): number => before + FRESHNESS * (now - before);
