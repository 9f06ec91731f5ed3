import type { FieldSpec } from '../source.ts';
import { packedDecoder } from './packed-decode.ts';
import { packedEncoder } from './packed-encode.ts';
import type { BytesEncoding } from './row-encoding.ts';

/**
 * Rows as packed bytes (packed-layout.ts has them), for where reading speed and memory count: a number is read where it
 * lies, in place of being spelled out and parsed.
 *
 * `fieldsOf` gives a table's fields in their declared order, as far as they are known to who writes. They decide how a
 * value is kept (2004 as int64 or double, a timestamp's text as a moment) and let all rows of a table share one list of
 * fields. Reading does not need them.
 */
export function packedRows(fieldsOf: (table: string) => readonly FieldSpec[]): BytesEncoding {
  return { form: 'bytes', decoder: packedDecoder, encoder: (table) => packedEncoder(fieldsOf(table)) };
}
