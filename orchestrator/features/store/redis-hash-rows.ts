import { encodeHash, hashDecoder, hashNames, type HashValues } from './hash-row.ts';
import type { RedisRows, RowReader } from './redis-rows.ts';

/** An HMGET's end: an error of this key alone (it holds no hash), or its values. */
type HashReply = readonly [error: Error | null, values: unknown];

/** A row is a hash, of which only the planned fields are read: an HMGET a key, all in one write. */
export const HASH_ROWS: RedisRows = {
  reader(fields): RowReader<HashReply> {
    const names = hashNames(fields);
    const decode = hashDecoder(fields);
    return {
      async ask(client, keys) {
        const pipeline = client.pipeline();
        for (const key of keys) pipeline.hmgetBuffer(key, ...names);
        const replies = (await pipeline.exec()) ?? [];
        const refusal = replies.find(([error]) => error !== null && !isWrongType(error))?.[0];
        if (refusal) throw refusal;
        return replies;
      },
      lay([error, values], block, row) {
        if (error === null) decode(values as HashValues, block, row);
        else block.undecodable(row);
      },
    };
  },
  /** One transaction a row: a reader sees the old row or the new one, also when whoever writes is killed between. */
  writer: (_table, expiryMs) => (key, row) => {
    const list = encodeHash(row);
    return {
      key,
      size: list.reduce((size, text) => size + text.length, key.length),
      send(pipeline) {
        pipeline
          .call('multi')
          .del(key)
          .hset(key, ...list);
        if (expiryMs !== undefined) pipeline.pexpire(key, expiryMs);
        pipeline.call('exec');
      },
    };
  },
};

const isWrongType = ({ message }: Error): boolean => message.startsWith('WRONGTYPE');
