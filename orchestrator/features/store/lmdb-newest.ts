import { setImmediate } from 'node:timers/promises';
import type { RootDatabase } from 'lmdb';
import { AppError } from '../../../foundation/errors.ts';
import type { DecodeRow } from './row-encoding.ts';
import { storedTimeMs } from './row-time.ts';

/** A row that is ready to be put, and when it was true: NaN where it does not say. */
export interface TimedEntry<Stored> {
  key: string;
  value: Stored;
  timeMs: number;
}

/** A database whose rows tell when they were true. */
export interface TimedRows<Stored> {
  database: RootDatabase<Stored, string>;
  read: (key: string) => Stored | undefined;
  /** Of no field: what is asked for is the time. */
  decode: DecodeRow<Stored>;
}

/** Rows of one transaction, which blocks this thread: 1 to 2 ms (Node 24, rows of 50 bytes). */
const ROWS_A_TRANSACTION = 1000;

/**
 * Puts rows that are not older than those in place, and gives how many. Compared and put in one write transaction, of
 * which LMDB has one at a time for all processes: nobody writes between. It is `transactionSync` because the promise of
 * `transaction` was seen never to settle (lmdb.ts), and conditional puts by version would need versions beside the
 * values, which other programs do not write. A commit of it is on the disk when it returns.
 */
export async function putNewest<Stored>(
  rows: TimedRows<Stored>,
  entries: readonly TimedEntry<Stored>[],
  signal: AbortSignal,
): Promise<number> {
  let written = 0;
  for (let from = 0; from < entries.length; from += ROWS_A_TRANSACTION) {
    if (signal.aborted) throw new AppError('CANCELLED', 'The write was cancelled.');
    const some = entries.slice(from, from + ROWS_A_TRANSACTION);
    written += rows.database.transactionSync(() => putSome(rows, some));
    await setImmediate();
  }
  return written;
}

function putSome<Stored>(
  { database, read, decode }: TimedRows<Stored>,
  entries: readonly TimedEntry<Stored>[],
): number {
  let written = 0;
  for (const { key, value, timeMs } of entries) {
    if (timeMs < storedTimeMs(decode, read(key))) continue;
    void database.put(key, value); // within the transaction it is done when it returns
    written++;
  }
  return written;
}
