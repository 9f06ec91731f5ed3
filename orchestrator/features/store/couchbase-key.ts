import { KeyLimit } from './key-limit.ts';

/**
 * Couchbase takes keys up to 250 bytes in the default collection. In any other it is 246: the collection's number is
 * sent before the key, in up to 5 bytes of 251 in all.
 */
export function couchbaseKeyLimit(scope: string, collection: string): KeyLimit {
  return new KeyLimit(scope === '_default' && collection === '_default' ? 250 : 246);
}
