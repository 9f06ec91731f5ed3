import { performance } from 'node:perf_hooks';
import type { FieldSpec, Store } from '../../orchestrator/features/source.ts';
import { packedRows } from '../../orchestrator/features/store/packed-row.ts';
import { openRedisStore } from '../../orchestrator/features/store/redis.ts';
import { seededRandom } from '../linear/data.ts';

export const PROJECT = 'bench';
export const ROWS = 10_000;
export const now = (): number => performance.now();

/** Keys of one call, and doubles of one row. */
export interface ReadLoad {
  keys: number;
  fields: number;
}

export const READERS = ['mgetBuffer', 'packed', 'mget + JSON.parse', 'json'] as const;
export type Reader = (typeof READERS)[number];

export const fieldsOf = ({ fields }: ReadLoad): FieldSpec[] =>
  Array.from({ length: fields }, (_, at) => ({ name: `mean_delay_${at}`, type: 'double' }));

/** The table that has the rows of a load in an encoding. */
export const tableOf = (encoding: 'json' | 'packed', { fields }: ReadLoad): string => `${encoding}${fields}`;

export function openReadStore(url: string, encoding: 'json' | 'packed', load: ReadLoad): Promise<Store> {
  return openRedisStore({
    name: encoding,
    project: PROJECT,
    url,
    encoding: encoding === 'json' ? 'json' : packedRows(() => fieldsOf(load)),
    timeoutMs: 10_000,
    now,
    random: Math.random,
  });
}

/** What is asked for, the same for all readers of a load. */
export function askedKeys({ keys, fields }: ReadLoad): string[][] {
  const random = seededRandom(keys + fields);
  return Array.from({ length: 512 }, () => Array.from({ length: keys }, () => `k${Math.floor(random() * ROWS)}`));
}
