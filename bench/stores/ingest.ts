import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openDuckDb, sqlText } from '../../data/duckdb.ts';
import type { RedisServer } from '../../test/servers/redis.ts';
import { median } from '../load/median.ts';
import { flushAll } from './admin.ts';

const run = promisify(execFile);
const TANDEM = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const CONFIG = fileURLToPath(new URL('../linear/tandem.yaml', import.meta.url));
const ROWS = 1_000_000;
/** Where rows go: the lines that are laid over the bench's YAML, by name. */
const STORES = ['lmdb, json', 'lmdb, packed', 'redis, json', 'redis, hash', 'redis, packed'] as const;
type StoreName = (typeof STORES)[number];

/** Rows a second, by what moved them. */
export interface IngestRound {
  rates: Map<string, number>;
}

/** A Parquet file of keys `i0`, `i1`, … and ten doubles each, with a time. */
export async function makeParquet(file: string, rows: number): Promise<void> {
  const doubles = Array.from({ length: 10 }, (_, at) => `random() * 100 AS f${at}`).join(', ');
  const select = `SELECT 'i' || range AS id, ${doubles}, TIMESTAMPTZ '2026-11-01 00:00:00Z' AS _ts FROM range(${rows})`;
  const database = await openDuckDb();
  await database.connection.run(`COPY (${select}) TO ${sqlText(file)} (FORMAT parquet)`);
  database.close();
}

/** The lines that put the YAML's store where the bench wants it. */
export async function overlayFor(name: StoreName, redis: RedisServer, folder: string): Promise<string> {
  const [type, encoding] = name.split(', ');
  const file = path.join(folder, `${type}-${encoding}.yaml`);
  const where = type === 'lmdb' ? `path: ${encoding}` : `url: '${redis.url}/9', timeout: 10s`;
  await writeFile(file, `stores: { online: { type: ${type}, ${where}, encoding: ${encoding} } }\n`);
  return file;
}

/** `tandem ingest` in a process of its own; rows a second by its own clock, and its seconds. */
export async function ingestByCli(
  data: string,
  overlay: string,
  stateDir: string,
): Promise<{ rate: number; seconds: number }> {
  const args = ['ingest', CONFIG, '-f', overlay, '--view', 'item', '--state-dir', stateDir, '--json', data];
  const { stdout } = await run(process.execPath, [TANDEM, ...args], { maxBuffer: 2 ** 26 });
  const { rows, seconds } = JSON.parse(stdout) as { rows: number; seconds: number };
  return { rate: rows / seconds, seconds };
}

export async function measureIngest(redis: RedisServer, folder: string, rounds: number): Promise<IngestRound[]> {
  const data = path.join(folder, 'items.parquet');
  const commands = path.join(folder, 'items.resp');
  await makeParquet(data, ROWS);
  await writeCommands(commands);
  const measured: IngestRound[] = [];
  for (let round = 0; round < rounds; round++) {
    const rates = new Map<string, number>();
    rates.set('DuckDB, bare read', await readBare(data));
    for (const name of STORES) {
      await flushAll(redis.url);
      const overlay = await overlayFor(name, redis, folder);
      rates.set(
        `tandem ingest, ${name}`,
        (await ingestByCli(data, overlay, path.join(folder, `ingest-${round}`))).rate,
      );
    }
    await flushAll(redis.url);
    rates.set('redis-cli --pipe, json', await pipeRate(commands, redis));
    measured.push({ rates });
    console.error(`ingest: ${JSON.stringify([...rates])}`);
  }
  return measured;
}

/** What reading alone takes: every chunk of the file through the binding, and nothing made of it. */
async function readBare(file: string): Promise<number> {
  const database = await openDuckDb();
  const startMs = performance.now();
  const result = await database.connection.stream(`SELECT * FROM read_parquet(${sqlText(file)})`);
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    rows += chunk.rowCount;
  }
  const rate = (rows * 1000) / (performance.now() - startMs);
  database.close();
  return rate;
}

/** The same number of rows as SETs, as a script would write them for redis-cli. */
async function writeCommands(file: string): Promise<void> {
  const out = createWriteStream(file);
  for (let row = 0; row < ROWS; row++) {
    const key = `bench:item:i${row}`;
    const doubles = Array.from({ length: 10 }, (_, at) => [`f${at}`, Math.random() * 100]);
    const value = JSON.stringify({ ...Object.fromEntries(doubles), _ts: '2026-11-01T00:00:00Z' });
    const command = `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;
    if (!out.write(command)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

async function pipeRate(file: string, redis: RedisServer): Promise<number> {
  const input = await open(file);
  const startMs = performance.now();
  const pipe = spawn('redis-cli', ['-p', `${redis.port}`, '-n', '9', '--pipe'], {
    stdio: [input.fd, 'ignore', 'inherit'],
  });
  const [code] = (await once(pipe, 'exit')) as [number];
  const rate = (ROWS * 1000) / (performance.now() - startMs);
  await input.close();
  if (code !== 0) throw new Error(`redis-cli exited with ${code}`);
  return rate;
}

export function renderIngest(rounds: readonly IngestRound[]): string {
  const names = [...(rounds[0]?.rates.keys() ?? [])];
  const rows = names.map((name) => {
    const rate = median(rounds.map(({ rates }) => rates.get(name)!));
    const against = median(rounds.map(({ rates }) => rates.get(name)! / rates.get('DuckDB, bare read')!));
    const pipe = median(rounds.map(({ rates }) => rates.get(name)! / rates.get('redis-cli --pipe, json')!));
    return `| ${name} | ${Math.round(rate).toLocaleString('en')} | ${against.toFixed(2)} | ${pipe.toFixed(2)} |`;
  });
  return `## Ingest

A million rows of a key, ten doubles and a time, from Parquet; \`redis-cli --pipe\` has them as commands already. Medians of
${rounds.length} rounds.

| | rows/s | ÷ DuckDB's bare read | ÷ redis-cli --pipe |
|---|---:|---:|---:|
${rows.join('\n')}`;
}

/** Bytes of a file. */
export async function bytesOf(file: string): Promise<number> {
  return (await stat(file)).size;
}
