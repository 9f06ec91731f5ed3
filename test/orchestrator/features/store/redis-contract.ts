import type { Cluster, Redis } from 'iovalkey';
import { parseJsonObject } from '../../../../foundation/json-object.ts';
import type { Row, Store } from '../../../../orchestrator/features/source.ts';
import { packedRows } from '../../../../orchestrator/features/store/packed-row.ts';
import type { RedisStoreOptions } from '../../../../orchestrator/features/store/redis.ts';
import { FIELDS } from '../source-contract.ts';
import { describeStore, type StoreUnderTest } from './store-contract.ts';

export interface RedisUnderTest {
  store: Store;
  /** Another tool, which writes where the store reads. */
  raw: Redis | Cluster;
  close(): Promise<void>;
}

/** What holds of every store, in each way that rows lie in one of the Redis family. What is opened holds no row. */
export function describeRedis(
  name: string,
  open: (encoding: RedisStoreOptions['encoding']) => Promise<RedisUnderTest>,
): void {
  describeStore(`${name}, rows as JSON`, async () => {
    const under = await open('json');
    return { ...under, writeRaw: (table, key, value) => writeValue(under, table, key, value) };
  });

  describeStore(
    `${name}, rows as hashes`,
    async () => {
      const under = await open('hash');
      return {
        ...under,
        async writeRaw(table, key, value) {
          const values = parseJsonObject(value);
          if (values === undefined) return writeValue(under, table, key, value);
          await under.raw.del(`nyc:${table}:${key}`);
          await under.raw.hset(`nyc:${table}:${key}`, values);
        },
      };
    },
    { isUntyped: true },
  );

  describeStore(`${name}, packed rows`, async (): Promise<StoreUnderTest> => {
    const under = await open(packedRows(() => FIELDS));
    const { signal } = new AbortController();
    return {
      ...under,
      /** What can be packed is; what cannot are bytes that are no row. */
      async writeRaw(table, key, value) {
        const values = parseJsonObject(value) as Row['values'] | undefined;
        if (values === undefined || '_ts' in values) return writeValue(under, table, key, value);
        await under.store.sink(table).write([{ key, values }], { signal });
      },
    };
  });
}

async function writeValue({ raw }: RedisUnderTest, table: string, key: string, value: string): Promise<void> {
  await raw.set(`nyc:${table}:${key}`, value);
}
