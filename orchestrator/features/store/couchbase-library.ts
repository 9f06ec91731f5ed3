import { AppError } from '../../../foundation/errors.ts';

/** The client's library as it is imported. */
export type CouchbaseLibrary = typeof import('couchbase');

/** It is an optional package of 117 MB: only a store that is a Couchbase needs it. Throws NOT_READY where it is missing. */
export async function importCouchbase(store: string): Promise<CouchbaseLibrary> {
  try {
    return await import('couchbase');
  } catch (cause) {
    const message = `The store "${store}" is a Couchbase, whose client is not installed: npm install couchbase`;
    throw new AppError('NOT_READY', message, { cause });
  }
}
