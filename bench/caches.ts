import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { WARMTHS } from './caches/items.ts';
import { measureCache } from './caches/measure.ts';
import { renderCaches, type CacheLine } from './caches/report.ts';
import { openCaches } from './caches/section.ts';
import { stopChildren } from './load/child.ts';
import { circumstances, keepResults } from './load/results-file.ts';
import { ensureWrk } from './load/wrk.ts';

/**
 * What a cache before a REST API is worth when it knows all, half or none of the keys: Tandem beside the bare stack with
 * a cache of its own before the same service, and the echo. Some two minutes; writes caches.md.
 *
 *     node bench/caches.ts [--seconds 2] [--rounds 2] [--only hot,10]
 */
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '2' },
    /** Of hot, half, cold and 1, 10, 100; leaves caches.md as it is. */
    only: { type: 'string', default: '' },
  },
});
const [seconds, rounds] = [Number(options.seconds), Number(options.rounds)];
const only = options.only.split(',').filter((name) => name !== '');
const isChosen = (name: string, among: readonly string[]): boolean =>
  only.includes(name) || !only.some((other) => among.includes(other));

const { date, machine } = circumstances();
await ensureWrk();
const folder = await mkdtemp(path.join(tmpdir(), 'tandem-caches-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
try {
  const results = `# Caches

A linear model of eleven features: ten of each item from a REST API, behind a cache of 10,000 rows, one of the request from
LMDB. Bodies of N items whose keys the cache knows, every other one of which it knows, or none. The bare stack
(\`bench/rivals/bare.ts\`, \`rest-items.ts\`) is an \`lru-cache\` of the same size before undici, one call for what a request
lacks; the service answers at once. Written by \`node bench/caches.ts\` on ${date}: medians of ${rounds} interleaved rounds of
${seconds} s a cell after 1 s of warm-up, \`wrk -t1 -c16\`, answers of each kind verified before.
${machine}.

${renderCaches(await measureAll())}`;
  if (only.length > 0) console.log(results);
  else keepResults(new URL('./caches.md', import.meta.url), results);
} finally {
  await stopChildren();
}

async function measureAll(): Promise<CacheLine[]> {
  const section = await openCaches(folder, ['echo', 'bare', 'tandem']);
  const loads = section.loads.filter(
    ({ warmth, rows }) => isChosen(warmth, WARMTHS) && isChosen(String(rows), ['1', '10', '100']),
  );
  // What the echo gives back is the same whatever a cache knows.
  const lines = loads.flatMap((load, at) =>
    section.stacks
      .filter(({ name }) => name !== 'echo' || loads.findIndex(({ rows }) => rows === load.rows) === at)
      .map((stack) => ({
        load,
        stack,
        line: { warmth: load.warmth, rows: load.rows, stack: stack.name, cells: [] } as CacheLine,
      })),
  );
  for (let round = 1; round <= rounds; round++) {
    for (const { load, stack, line } of lines) {
      const cell = await measureCache(stack, load, section, seconds);
      line.cells.push(cell);
      const cpu = `${cell.cpuUs.total.toFixed(0)} µs CPU, ${cell.keysARequest.toFixed(2)} keys fetched a request`;
      console.error(`round ${round}, ${load.name}, ${stack.name}: ${cell.requestsPerSecond.toFixed(0)}/s, ${cpu}`);
    }
  }
  return lines.map(({ line }) => line);
}
