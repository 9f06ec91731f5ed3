import type { Logger } from '../foundation/telemetry/logger.ts';
import type { AppError } from '../foundation/errors.ts';

const INTERVAL_MS = 1000;

/**
 * Writes the researcher's own error with its stack, at most once a second: a predictor that fails at every call fails
 * thousands of times a second, and the first stack says it all.
 */
export class FailureLog {
  readonly #log: Logger;
  readonly #clock: () => number;
  #lastMs = Number.NEGATIVE_INFINITY;
  #unwritten = 0;

  constructor(log: Logger, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  report(error: AppError): void {
    const nowMs = this.#clock();
    if (nowMs - this.#lastMs < INTERVAL_MS) {
      this.#unwritten += 1;
      return;
    }
    this.#lastMs = nowMs;
    const { code, message, cause } = error;
    this.#log.error({ code, err: cause ?? error, unwritten: this.#unwritten }, message);
    this.#unwritten = 0;
  }
}
