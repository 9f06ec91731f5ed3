import { setImmediate } from 'node:timers/promises';
import { AppError, type ErrorCode } from '../../../../foundation/errors.ts';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { Status, statusOf } from '../../../../orchestrator/plan/column.ts';
import { fetchNumbers, now } from './numbers.ts';

/** The code that a promise rejects with; undefined where it does not. */
export const codeOf = (asked: Promise<unknown>): Promise<ErrorCode | undefined> =>
  asked.then(
    () => undefined,
    (cause: unknown) => {
      if (cause instanceof AppError) return cause.code;
      throw cause;
    },
  );

/** Reads until there is an answer, and says how long that took. */
export async function msUntilRead(of: Store, key = 'a'): Promise<number> {
  const startedMs = now();
  while ((await codeOf(fetchNumbers(of, [key], { deadlineMs: now() + 100 }))) !== undefined) await setImmediate();
  return now() - startedMs;
}

export interface Load {
  /** Fetches that gave rows. */
  answered: number;
  /** Rows of which it was told that they could not be read. */
  failed: number;
  /** Rows that were told to be absent, and those with another value than their own. */
  absent: number;
  wrong: number;
  end(): Promise<void>;
}

/** Sixteen readers that read, each two keys at a time, rows whose key is the text of their number, up to `count`. */
export function readUnderLoad(store: Store, count: number): Load {
  const over = { is: false };
  const load: Load = {
    answered: 0,
    failed: 0,
    absent: 0,
    wrong: 0,
    async end() {
      over.is = true;
      await Promise.all(readers);
    },
  };
  const readers = Array.from({ length: 16 }, async (_, reader) => {
    const keys = [`${reader}`, `${count - 1 - reader}`];
    while (!over.is) {
      try {
        const columns = await fetchNumbers(store, keys);
        load.answered++;
        keys.forEach((key, row) => {
          const status = statusOf(columns.states[0][row]);
          if (status === Status.ERROR || status === Status.TIMEOUT) load.failed++;
          if (status === Status.NOT_FOUND) load.absent++;
          if (status === Status.PRESENT && columns.values[0][row] !== Number(key)) load.wrong++;
        });
      } catch (cause) {
        if (!(cause instanceof AppError)) throw cause;
        load.failed += keys.length;
        await setImmediate();
      }
    }
  });
  return load;
}
