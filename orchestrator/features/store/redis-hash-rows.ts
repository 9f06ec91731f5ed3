import { encodeHash, hashDecoder, hashNames, type HashValues } from './hash-row.ts';
import type { CommandReply } from './redis-pipeline.ts';
import type { RedisRows, RowReader } from './redis-rows.ts';

/** An HMGET's end: its values, or the error of this key alone, which holds no hash. */
type HashReply = CommandReply;

/** A row is a hash, of which only the planned fields are read: an HMGET a key, all in one write. */
export const HASH_ROWS: RedisRows = {
  form: 'hash',
  encoder: () => encodeHash,
  reader(fields): RowReader<HashReply> {
    const names = hashNames(fields);
    const decode = hashDecoder(fields);
    return {
      async ask(client, keys) {
        const pipeline = client.pipeline();
        for (const key of keys) pipeline.hmgetBuffer(key, ...names);
        const replies = (await pipeline.exec()) ?? [];
        const refusal = replies.find((reply) => isRefused(reply))?.[0];
        if (refusal) throw refusal;
        return replies;
      },
      askAlone: (pipeline, key) => pipeline.hmgetBuffer(key, ...names),
      replyOf: (given) => (isRefused(given) ? undefined : given),
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

const isRefused = ([error]: CommandReply): boolean => error !== null && !error.message.startsWith('WRONGTYPE');
