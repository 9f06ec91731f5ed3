import { KeyLimit } from './key-limit.ts';

/**
 * Redis takes keys up to 512 MB; nothing of a request may be that long. LMDB's limit is half of this: rows that shall
 * move between stores stay below 1900 bytes.
 */
export const REDIS_KEY_LIMIT = new KeyLimit(4096);
