import { AppError } from '../../../foundation/errors.ts';

/** How long keys a store takes, in bytes of UTF-8. A longer key cannot have been written: reading it is NOT_FOUND. */
export class KeyLimit {
  readonly #maxBytes: number;
  /** No string of this many UTF-16 units is longer in UTF-8: spares counting bytes for nearly every key. */
  readonly #surelyShort: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#surelyShort = Math.floor(maxBytes / 3);
  }

  isExceededBy(key: string): boolean {
    return key.length > this.#surelyShort && Buffer.byteLength(key) > this.#maxBytes;
  }

  /** Throws AppError INVALID_INPUT for the key of a row that is longer than the store takes. */
  check(key: string): void {
    if (!this.isExceededBy(key)) return;
    const problem = `is ${Buffer.byteLength(key)} bytes long; a store takes keys up to ${this.#maxBytes} bytes`;
    throw new AppError('INVALID_INPUT', `The key of a row ${problem}.`, { details: [{ field: 'key', problem }] });
  }
}
