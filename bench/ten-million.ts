import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { loadConfig } from '../config/load.ts';
import { openStore } from '../orchestrator/features/store/open-store.ts';
import type { FieldSpec, Store } from '../orchestrator/features/source.ts';
import { RedisServer } from '../test/servers/redis.ts';
import { circumstances, keepResults } from './load/results-file.ts';
import { usedMemory } from './stores/admin.ts';
import { bytesOf, ingestByCli, makeParquet, overlayFor } from './stores/ingest.ts';

/**
 * Ten million rows of ten doubles in LMDB and in Redis, packed: how long their ingest takes, what a row takes, and how
 * long reads of ten random rows take then. Some minutes, 10 GB of disk; `node bench/ten-million.ts [--rows 10000000]`.
 */
const { values: options } = parseArgs({ options: { rows: { type: 'string', default: '10000000' } } });
const ROWS = Number(options.rows);
const READS = 100_000;
const KEYS = 10;
const CALLERS = 16;
const CONFIG = new URL('./linear/tandem.yaml', import.meta.url).pathname;

interface Line {
  store: string;
  seconds: number;
  rate: number;
  bytesARow: number;
  /** Milliseconds of one fetch. */
  p50: number;
  p99: number;
  readsPerSecond: number;
}

const { date, machine } = circumstances();
const folder = await mkdtemp(path.join(tmpdir(), 'tandem-ten-million-'));
const redis = await RedisServer.start();
try {
  const data = path.join(folder, 'items.parquet');
  await makeParquet(data, ROWS);
  const lines: Line[] = [];
  for (const name of ['lmdb, packed', 'redis, packed'] as const) {
    const overlay = await overlayFor(name, redis, folder);
    const before = await usedMemory(redis.url);
    const { rate, seconds } = await ingestByCli(data, overlay, folder);
    const bytes = name.startsWith('lmdb')
      ? await bytesOf(path.join(folder, 'packed', 'data.mdb'))
      : (await usedMemory(redis.url)) - before;
    console.error(`${name}: ${seconds.toFixed(0)} s, ${Math.round(rate)} rows/s`);
    lines.push({ store: name, seconds, rate, bytesARow: bytes / ROWS, ...(await measureReads(overlay)) });
  }
  keepResults(new URL('./ten-million.md', import.meta.url), render(lines));
} finally {
  await redis.stop();
  await rm(folder, { recursive: true });
}

async function measureReads(overlay: string): Promise<Pick<Line, 'p50' | 'p99' | 'readsPerSecond'>> {
  const { checked } = loadConfig(CONFIG, {}, [overlay]);
  const store = await openStore('online', checked!, folder, { now: () => performance.now(), random: Math.random });
  const fields = Array.from({ length: 10 }, (_, at): FieldSpec => ({ name: `f${at}`, type: 'double' }));
  await readMany(store, fields, READS / 10);
  const startMs = performance.now();
  const times = (await readMany(store, fields, READS)).toSorted();
  const readsPerSecond = (READS * 1000) / (performance.now() - startMs);
  await store.close();
  return { p50: times[READS * 0.5], p99: times[READS * 0.99], readsPerSecond };
}

async function readMany(store: Store, fields: readonly FieldSpec[], count: number): Promise<Float64Array> {
  const source = store.source('item');
  const { signal } = new AbortController();
  const times = new Float64Array(count);
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < count) {
      const at = next++;
      const text = Array.from({ length: KEYS }, () => `i${Math.floor(Math.random() * ROWS)}`);
      const startMs = performance.now();
      const block = await source.fetch({ count: KEYS, text }, fields, { asOfMs: 0, deadlineMs: Infinity, signal });
      times[at] = performance.now() - startMs;
      if (!block.values.every((values) => Number(values[KEYS - 1]) >= 0)) throw new Error('a row is not there');
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, loop));
  return times;
}

function render(lines: readonly Line[]): string {
  const rows = lines.map(({ store, seconds, rate, bytesARow, p50, p99, readsPerSecond }) => {
    const numbers = [seconds.toFixed(0), Math.round(rate).toLocaleString('en'), bytesARow.toFixed(0)];
    return `| ${store} | ${numbers.join(' | ')} | ${Math.round(readsPerSecond).toLocaleString('en')} | ${p50.toFixed(2)} | ${p99.toFixed(2)} |`;
  });
  return `# ${ROWS.toLocaleString('en')} rows

Written by \`node bench/ten-million.ts\` on ${date}: rows of a key, ten doubles and a time, from one Parquet file by
\`tandem ingest\`; then ${READS.toLocaleString('en')} fetches of ${KEYS} random rows each, ${CALLERS} under way at once (LMDB answers without waiting).
${machine}. Bytes are the file's, or what the server's \`used_memory\` grew by.

| store | ingest s | rows/s | bytes a row | fetches/s | p50 ms | p99 ms |
|---|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}
`;
}
