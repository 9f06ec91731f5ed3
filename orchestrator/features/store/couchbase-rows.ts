import type { FieldSpec, Row } from '../source.ts';
import type { Format } from './couchbase-documents.ts';
import type { DecodeRow, RowEncoding } from './row-encoding.ts';

/** How rows lie in documents. */
export interface DocumentRows {
  format: Format;
  decoder(fields: readonly FieldSpec[]): DecodeRow<Buffer>;
  /** Throws INVALID_INPUT for a row that cannot be written. */
  encoder(table: string): (row: Row) => Buffer;
}

/** Rows that are texts are JSON documents; rows that are bytes are binary ones. */
export function documentRows(encoding: RowEncoding): DocumentRows {
  if (encoding.form === 'bytes') return { ...encoding, format: 'binary' };
  return {
    format: 'json',
    decoder(fields) {
      const decode = encoding.decoder(fields);
      return (bytes, block, row) => decode(bytes.toString(), block, row);
    },
    encoder(table) {
      const encode = encoding.encoder(table);
      return (row) => Buffer.from(encode(row));
    },
  };
}
