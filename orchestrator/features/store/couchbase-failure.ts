import { AppError } from '../../../foundation/errors.ts';
import type { CouchbaseLibrary } from './couchbase-library.ts';

/** An answer that did not come in time. */
export function late(store: string, cause?: unknown): AppError {
  return new AppError('DEADLINE_EXCEEDED', `The store "${store}" did not answer in time.`, { cause });
}

/** What the client says of a request, as the store says it. */
export function failedRequest({ TimeoutError }: CouchbaseLibrary, store: string, cause: unknown): AppError {
  if (!(cause instanceof TimeoutError)) return unavailable(store, 'refused the request', cause);
  // The client waits for a collection that is missing to be made, until the time of the request is over.
  const { retry_reasons: reasons = [] } = (cause.context ?? {}) as { retry_reasons?: readonly string[] };
  return reasons.includes('key_value_collection_outdated')
    ? unavailable(store, 'has no such scope or collection', cause)
    : late(store, cause);
}

function unavailable(store: string, problem: string, cause: unknown): AppError {
  return new AppError('FEATURE_UNAVAILABLE', `The store "${store}" ${problem}.`, { cause });
}
