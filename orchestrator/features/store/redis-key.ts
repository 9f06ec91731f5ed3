import { AppError } from '../../../foundation/errors.ts';

/**
 * Redis takes keys up to 512 MB; nothing of a request may be that long. LMDB's limit is half of this: rows that shall
 * move between stores stay below 1900 bytes. A longer key cannot have been written: reading it is NOT_FOUND.
 */
const MAX_KEY_BYTES = 4096;
/** No string of this many UTF-16 units is longer in UTF-8: spares counting bytes for nearly every key. */
const SURELY_SHORT = Math.floor(MAX_KEY_BYTES / 3);

export function isTooLong(key: string): boolean {
  return key.length > SURELY_SHORT && Buffer.byteLength(key) > MAX_KEY_BYTES;
}

/** Throws AppError INVALID_INPUT for the key of a row that is longer than the store takes. */
export function checkKey(key: string): void {
  if (!isTooLong(key)) return;
  const problem = `is ${Buffer.byteLength(key)} bytes long; a store takes keys up to ${MAX_KEY_BYTES} bytes`;
  throw new AppError('INVALID_INPUT', `The key of a row ${problem}.`, { details: [{ field: 'key', problem }] });
}
