import type { CancelSignal } from '../../foundation/cancel-signal.ts';

/** So many at a time; who comes later waits in turn, or leaves when `stop` says so. */
export class Slots {
  #free: number;
  /** Who waits, in the order of coming: a Set keeps it, and lets anyone leave at once. */
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** True when a slot was taken, which `release` gives back; false when `stop` came first. */
  take(stop: CancelSignal): boolean | Promise<boolean> {
    if (stop.aborted) return false;
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#waiting.delete(enter);
        resolve(false);
      };
      const enter = (): void => {
        stop.removeEventListener('abort', leave);
        resolve(true);
      };
      this.#waiting.add(enter);
      stop.addEventListener('abort', leave);
    });
  }

  /** Hands the slot to who has waited longest. */
  release(): void {
    for (const enter of this.#waiting) {
      this.#waiting.delete(enter);
      enter();
      return;
    }
    this.#free++;
  }
}
