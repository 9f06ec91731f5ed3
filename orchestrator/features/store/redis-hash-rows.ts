import type { RowBlock } from '../row-block.ts';
import { encodeHash, hashDecoder, hashNames, type HashValues } from './hash-row.ts';
import type { CommandReply } from './redis-pipeline.ts';
import type { RedisRows, RowReader } from './redis-rows.ts';

/** A row is a hash, of which only the planned fields are read: an HMGET a key, all in one write. */
export const HASH_ROWS: RedisRows = {
  form: 'hash',
  encoder: () => encodeHash,
  reader(fields): RowReader {
    const names = hashNames(fields);
    const decode = hashDecoder(fields);
    const lay = ([error, values]: CommandReply, block: RowBlock, row: number): void => {
      if (error === null) decode(values as HashValues, block, row);
      else block.undecodable(row);
    };
    return {
      async read(client, keys, places) {
        const pipeline = client.pipeline();
        for (const key of keys) pipeline.hmgetBuffer(key, ...names);
        const replies = (await pipeline.exec()) ?? [];
        const refusal = replies.find((reply) => isRefused(reply))?.[0];
        if (refusal) throw refusal;
        if (!places.isOver) replies.forEach((reply, at) => lay(reply, places.block, places.rows[at]));
      },
      askAlone: (pipeline, key) => pipeline.hmgetBuffer(key, ...names),
      layAlone(given, block, row) {
        if (isRefused(given)) return false;
        lay(given, block, row);
        return true;
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

/** An HMGET ends with its values, or with the error of this key alone, which holds no hash. */
const isRefused = ([error]: CommandReply): boolean => error !== null && !error.message.startsWith('WRONGTYPE');
