import { CallSignal, type CancelSignal } from '../../foundation/cancel-signal.ts';
import { patientTimer } from './patient-timer.ts';
import type { FetchOptions } from './source.ts';

/** What ends all calls of one fetch: its caller leaving, or its deadline. One timer and one listener for all of them. */
export class FetchScope {
  readonly stop = new CallSignal();
  readonly deadlineMs: number;
  readonly trace: string | undefined;
  /** Whether the caller has gone; else what stopped the calls was the deadline. */
  isCancelled = false;
  readonly #signal: CancelSignal;
  readonly #stopTimer: (() => void) | undefined;
  readonly #onCancel = (): void => {
    this.isCancelled = true;
    this.stop.abort();
  };

  constructor({ signal, deadlineMs, trace }: Omit<FetchOptions, 'asOfMs'>, now: () => number) {
    this.#signal = signal;
    this.deadlineMs = deadlineMs;
    this.trace = trace;
    const remainingMs = Math.ceil(deadlineMs - now());
    if (signal.aborted) this.#onCancel();
    else if (remainingMs <= 0) this.stop.abort();
    else {
      signal.addEventListener('abort', this.#onCancel);
      this.#stopTimer = patientTimer(remainingMs, () => this.stop.abort());
    }
  }

  close(): void {
    this.#stopTimer?.();
    this.#signal.removeEventListener('abort', this.#onCancel);
  }
}
