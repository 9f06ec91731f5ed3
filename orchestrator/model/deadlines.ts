/**
 * One timer for the earliest of many deadlines. A timer a call would cost more than the rest of the call's bookkeeping;
 * calls mostly come in the order of their deadlines, so this one is set about once a deadline's length.
 */
export class EarliestDeadline {
  readonly #clock: () => number;
  readonly #onDue: (nowMs: number) => number;
  #dueMs = Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** `onDue` settles what is due at `nowMs` and returns the earliest deadline that is left, or Infinity. */
  constructor(clock: () => number, onDue: (nowMs: number) => number) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  watch(deadlineMs: number): void {
    if (deadlineMs < this.#dueMs) this.#arm(deadlineMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#dueMs = Infinity;
  }

  #arm(deadlineMs: number): void {
    clearTimeout(this.#timer);
    this.#dueMs = deadlineMs;
    if (deadlineMs === Infinity) return;
    // Timers run on whole milliseconds and take at most 2^31 of them; one that fires too early is simply set again.
    const waitMs = Math.min(Math.max(Math.ceil(deadlineMs - this.#clock()), 0), 2 ** 31 - 1);
    this.#timer = setTimeout(() => {
      this.#dueMs = Infinity;
      this.#arm(Math.min(this.#onDue(this.#clock()), this.#dueMs));
    }, waitMs);
    this.#timer.unref();
  }
}
