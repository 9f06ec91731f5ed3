import { AppError } from '../../foundation/errors.ts';
import type { ModelClientCounters } from './counters.ts';

/**
 * The bound on what is in flight. It stands here because grpc-js has none: it buffers whatever is written to a server
 * that does not read. What the caller gave up stays counted until the server has let it go too.
 */
export class Admission {
  readonly #maxParts: number;
  readonly #maxBytes: number;
  readonly #counters: ModelClientCounters;

  constructor(maxParts: number, maxBytes: number, counters: ModelClientCounters) {
    this.#maxParts = maxParts;
    this.#maxBytes = maxBytes;
    this.#counters = counters;
  }

  /** Throws OVERLOADED where a call of `bytes` would be too much. Each call admitted is released once. */
  admit(bytes: number): void {
    const counters = this.#counters;
    if (counters.partsInFlight >= this.#maxParts || counters.bytesInFlight + bytes > this.#maxBytes) {
      throw new AppError('OVERLOADED', 'The model has too many calls in flight.');
    }
    counters.partsInFlight++;
    counters.bytesInFlight += bytes;
  }

  release(bytes: number): void {
    this.#counters.partsInFlight--;
    this.#counters.bytesInFlight -= bytes;
  }
}
