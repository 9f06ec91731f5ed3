import { performance } from 'node:perf_hooks';
import { Redis } from 'iovalkey';
import type { FieldSpec, Row, Store } from '../../orchestrator/features/source.ts';
import { openRedisStore } from '../../orchestrator/features/store/redis.ts';
import { packedRows } from '../../orchestrator/features/store/packed-row.ts';
import { seededRandom } from '../linear/data.ts';
import { callsPerSecond } from '../load/closed-loop.ts';

const PROJECT = 'bench';
const ROWS = 10_000;
/** Fetches under way at once: what a busy sidecar has. */
const CALLERS = 16;
const now = (): number => performance.now();

/** Keys of one call, and doubles of one row. */
export interface ReadLoad {
  keys: number;
  fields: number;
}

export const READERS = ['mgetBuffer', 'packed', 'mget + JSON.parse', 'json'] as const;
type Reader = (typeof READERS)[number];

/** Calls a second, by reader, of one round. */
export type ReadRates = Record<Reader, number>;

/** The readers of one load, all asking for the same keys in the same order. */
export interface ReadBench {
  load: ReadLoad;
  /** One round: each reader in turn, for so long. */
  measure(ms: number): Promise<ReadRates>;
  close(): Promise<void>;
}

const fieldsOf = (count: number): FieldSpec[] =>
  Array.from({ length: count }, (_, at) => ({ name: `mean_delay_${at}`, type: 'double' }));

/** Writes the rows in both encodings (a table each) and connects everybody. */
export async function openReads(url: string, load: ReadLoad): Promise<ReadBench> {
  const fields = fieldsOf(load.fields);
  const random = seededRandom(load.fields);
  const rows = Array.from({ length: ROWS }, (_, row): Row => ({
    key: `k${row}`,
    values: Object.fromEntries(fields.map(({ name }) => [name, random() * 100])),
    timestampMs: Date.UTC(2026, 0, 1),
  }));
  const open = (encoding: 'json' | 'packed'): Promise<Store> =>
    openRedisStore({
      name: encoding,
      project: PROJECT,
      url,
      encoding: encoding === 'json' ? 'json' : packedRows(() => fields),
      timeoutMs: 10_000,
      now,
      random: Math.random,
    });
  const [json, packed] = [await open('json'), await open('packed')];
  const { signal } = new AbortController();
  await json.sink(`json${load.fields}`).write(rows, { signal });
  await packed.sink(`packed${load.fields}`).write(rows, { signal });
  const client = new Redis(url);
  const asked = Array.from({ length: 512 }, () =>
    Array.from({ length: load.keys }, () => `k${Math.floor(random() * ROWS)}`),
  );
  const whole = (table: string): string[][] =>
    asked.map((keys) => keys.map((key) => `${PROJECT}:${table}${load.fields}:${key}`));
  const [packedKeys, jsonKeys] = [whole('packed'), whole('json')];
  const fetchFrom = (store: Store, table: string) => {
    const source = store.source(`${table}${load.fields}`);
    return async (at: number): Promise<void> => {
      const text = asked[at % asked.length];
      const block = await source.fetch({ count: text.length, text }, fields, {
        asOfMs: 0,
        deadlineMs: now() + 5000,
        signal,
      });
      if (!(Number(block.values[0][0]) >= 0)) throw new Error('a row was not read');
    };
  };
  const readers: Record<Reader, (at: number) => Promise<void>> = {
    mgetBuffer: async (at) => {
      const [first] = await client.mgetBuffer(packedKeys[at % packedKeys.length]);
      if (first === null) throw new Error('a row was not read');
    },
    packed: fetchFrom(packed, 'packed'),
    'mget + JSON.parse': async (at) => {
      const texts = await client.mget(jsonKeys[at % jsonKeys.length]);
      for (const text of texts) if (typeof JSON.parse(text!) !== 'object') throw new Error('a row was not read');
    },
    json: fetchFrom(json, 'json'),
  };
  return {
    load,
    async measure(ms) {
      const rates = {} as ReadRates;
      for (const reader of READERS) rates[reader] = await callsPerSecond(readers[reader], { callers: CALLERS, ms });
      return rates;
    },
    async close() {
      client.disconnect();
      await Promise.all([json.close(), packed.close()]);
    },
  };
}
