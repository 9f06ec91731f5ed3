import type { ScalarType } from '../../../cel/types.ts';

/*
 * A packed row. All numbers are little-endian; n is the count of fields.
 *
 *   at                 bytes         what
 *   0                  1             version: 1
 *   1                  1             0
 *   2                  2             n, unsigned
 *   4                  4             length of the row in bytes, unsigned
 *   8                  4             fingerprint: CRC-32 of the list of fields below, unsigned
 *   12                 8             `_ts`: epoch ms, signed; -2^63 where the row has none
 *   20                 4 n           list of fields: an id each, the CRC-32 of its name in UTF-8, unsigned
 *   20 + 4 n           n             list of fields: a type each, see TYPE_CODES
 *   20 + 5 n           ceil(n / 8)   null bits: bit i & 7 of byte i >> 3, from the least, is 1 where field i is null
 *   20 + 5 n + that    8 n           slots, one a field
 *   …                  the rest      tail: the strings, in UTF-8
 *
 * A slot holds, by type: bool 0 or 1 as int64; int64 itself; double as IEEE 754; timestamp as epoch ms in int64; string
 * the offset in the tail and the length in bytes, 4 each, unsigned. The slot of a null is not read.
 *
 * Why each row lists its fields: who reads is not who wrote. A view may declare three of the fifty fields that another
 * project's pipeline writes; a field is added, and yesterday's rows stay; Spark has columns in an order of its own. A bare
 * fingerprint of the whole list could only be read by a process that knows that very list. So fields are found by name,
 * as in JSON, and an added, removed or moved field breaks no row. It costs 5 bytes a field. The fingerprint makes it
 * fast: a reader works out the places of its fields once a list, and then only compares lists (packed-decode.ts).
 *
 * CRC-32 (that of zlib, gzip and PNG) because nearly every language and SQL engine has it. Names of one length that
 * differ only within four neighbouring bytes never share an id; of others a pair in 2^32 does, which is never written.
 */

export const PACKED_VERSION = 1;
export const COUNT_AT = 2;
export const LENGTH_AT = 4;
export const FINGERPRINT_AT = 8;
export const TIMESTAMP_AT = 12;
export const FIELDS_AT = 20;
export const MAX_FIELDS = 0xffff;
/** The upper half of a `_ts` that is none; the lower half is 0. */
export const NO_TIMESTAMP_HIGH = -(2 ** 31);

/** What a Date can hold, either side of 1970: other `_ts` and timestamps are none. */
export const MAX_TIMESTAMP_MS = 8.64e15;

/** Codes that no reader knows yet are ERROR for their own cell: a later type does not break a row either. */
export const TYPE_CODES: Record<ScalarType, number> = { bool: 1, int64: 2, double: 3, string: 4, timestamp: 5 };

export const fieldBytes = (count: number): number => 5 * count;
export const nullsAt = (count: number): number => FIELDS_AT + fieldBytes(count);
export const slotsAt = (count: number): number => nullsAt(count) + ((count + 7) >> 3);
export const tailAt = (count: number): number => slotsAt(count) + 8 * count;
