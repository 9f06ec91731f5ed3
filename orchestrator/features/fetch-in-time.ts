import { AppError } from '../../foundation/errors.ts';
import { Status, type Columns } from '../plan/column.ts';
import { patientTimer } from './patient-timer.ts';
import type { FeatureSource, FetchOptions, FieldSpec, Keys } from './source.ts';

/** A fetch of which nothing can be used: its status, and the cause where it was more than being late. */
export interface FailedFetch {
  status: typeof Status.TIMEOUT | typeof Status.ERROR;
  cause?: unknown;
}

/** What a source threw or rejected with: DEADLINE_EXCEEDED is TIMEOUT, anything else ERROR. */
export function failureOf(cause: unknown): FailedFetch {
  const isLate = cause instanceof AppError && cause.code === 'DEADLINE_EXCEEDED';
  return { status: isLate ? Status.TIMEOUT : Status.ERROR, cause };
}

/** What several fetches failed of where none brought anything, the worst of it (an ERROR before a TIMEOUT); undefined where one did. */
export function commonFailure(failures: readonly (FailedFetch | undefined)[]): FailedFetch | undefined {
  if (failures.includes(undefined)) return undefined;
  return failures.find((failure) => failure?.status === Status.ERROR) ?? failures[0];
}

/**
 * Fetches, and gives way at the deadline: the answer then is TIMEOUT, while the source, which was told the same
 * deadline and the request's signal, stops by itself. What a source throws or rejects with becomes TIMEOUT or ERROR.
 * A source that has its rows at hand is answered without a promise or a timer; one that keeps time, without a timer.
 */
export function fetchInTime(
  source: FeatureSource,
  keys: Keys,
  fields: readonly FieldSpec[],
  options: FetchOptions,
  now: () => number,
): Columns | FailedFetch | Promise<Columns | FailedFetch> {
  try {
    const fetched = source.fetch(keys, fields, options);
    if (!(fetched instanceof Promise)) return fetched;
    return source.keepsTime ? fetched.catch(failureOf) : inTime(fetched, options.deadlineMs - now());
  } catch (cause) {
    return failureOf(cause);
  }
}

function inTime(fetched: Promise<Columns>, remainingMs: number): Promise<Columns | FailedFetch> {
  return new Promise((resolve) => {
    const stopTimer = patientTimer(remainingMs, () => resolve({ status: Status.TIMEOUT }));
    const settle = (result: Columns | FailedFetch): void => {
      stopTimer();
      resolve(result);
    };
    fetched.then(settle, (cause: unknown) => settle(failureOf(cause)));
  });
}
