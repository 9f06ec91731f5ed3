import type { RedisRows, RowReader } from './redis-rows.ts';
import type { DecodeRow, RowEncoding } from './row-encoding.ts';

/**
 * A row is one value, read by MGET. Where a key holds something else than a value (a list, a hash), MGET says the same
 * as of an absent key: NOT_FOUND.
 */
export function valueRows(encoding: RowEncoding): RedisRows {
  return {
    form: encoding.form,
    encoder(table) {
      const encode = encoding.encoder(table);
      return (row) => [encode(row)];
    },
    reader(fields): RowReader<Buffer | null> {
      const decode: DecodeRow<Buffer> =
        encoding.form === 'bytes' ? encoding.decoder(fields) : ofText(encoding.decoder(fields));
      return {
        ask: (client, keys) => client.mgetBuffer(keys as string[]),
        askAlone: (pipeline, key) => pipeline.mgetBuffer(key),
        replyOf: ([error, values]) => (error === null ? (values as (Buffer | null)[])[0] : undefined),
        lay(bytes, block, row) {
          if (bytes === null) block.missing(row);
          else decode(bytes, block, row);
        },
      };
    },
    writer(table, expiryMs) {
      const encode = encoding.encoder(table);
      return (key, row) => {
        const value = encode(row);
        return {
          key,
          size: key.length + value.length,
          send(pipeline) {
            if (expiryMs === undefined) pipeline.set(key, value);
            else pipeline.set(key, value, 'PX', expiryMs);
          },
        };
      };
    },
  };
}

const ofText =
  (decode: DecodeRow<string>): DecodeRow<Buffer> =>
  (bytes, block, row) =>
    decode(bytes.toString(), block, row);
