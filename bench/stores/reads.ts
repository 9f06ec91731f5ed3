import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Row } from '../../orchestrator/features/source.ts';
import { seededRandom } from '../linear/data.ts';
import { fieldsOf, openReadStore, READERS, ROWS, tableOf, type Reader, type ReadLoad } from './read-load.ts';

const READER = fileURLToPath(new URL('./reader.ts', import.meta.url));

/** Calls a second, by reader, of one round. */
export type ReadRates = Record<Reader, number>;

/** The readers of one load, all asking for the same keys in the same order. */
export interface ReadBench {
  load: ReadLoad;
  /** One round: each reader in turn, for so long. */
  measure(ms: number): Promise<ReadRates>;
  close(): Promise<void>;
}

/** Writes the rows in both encodings (a table each) and starts all readers. */
export async function openReads(url: string, load: ReadLoad): Promise<ReadBench> {
  await fill(url, load);
  const readers = READERS.map((reader) =>
    fork(READER, [url, String(load.keys), String(load.fields), reader], { execPath: process.execPath }),
  );
  return {
    load,
    async measure(ms) {
      const rates = {} as ReadRates;
      for (const [at, reader] of READERS.entries()) rates[reader] = await measureOne(readers[at], ms);
      return rates;
    },
    async close() {
      await Promise.all(
        readers.map((reader) => {
          reader.disconnect();
          return once(reader, 'exit');
        }),
      );
    },
  };
}

async function measureOne(reader: ChildProcess, ms: number): Promise<number> {
  const told = once(reader, 'message');
  const gone = once(reader, 'exit').then(() => {
    throw new Error('a reader ended');
  });
  reader.send(ms);
  const [rate] = (await Promise.race([told, gone])) as [number];
  return rate;
}

async function fill(url: string, load: ReadLoad): Promise<void> {
  const fields = fieldsOf(load);
  const random = seededRandom(load.fields);
  const rows = Array.from({ length: ROWS }, (_, row): Row => ({
    key: `k${row}`,
    values: Object.fromEntries(fields.map(({ name }) => [name, random() * 100])),
    timestampMs: Date.UTC(2026, 0, 1),
  }));
  for (const encoding of ['json', 'packed'] as const) {
    const store = await openReadStore(url, encoding, load);
    await store.sink(tableOf(encoding, load)).write(rows, { signal: new AbortController().signal });
    await store.close();
  }
}
