import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seededRandom } from './linear/data.ts';
import { httpAddress, startChild, stopChildren } from './load/child.ts';
import { circumstances, keepResults } from './load/results-file.ts';
import { renderChart } from './memory/chart.ts';
import { drive, openDriven } from './memory/drive.ts';
import { growthPerMillion, liveMb, sampleAt, type Sample } from './memory/samples.ts';

/**
 * Memory over five million requests of random keys before a cache of 10,000 rows: some two minutes; writes
 * cache-memory.md with a plot. With fewer requests it only prints.
 *
 *     node bench/memory.ts [--requests 5000000]
 */
const WHOLE = 5_000_000;
const SAMPLES = 200;
/** Until then V8 and the cache take their size. */
const WARM_UP_SHARE = 0.2;
const SEED = 20_130_927;
const CONFIG = fileURLToPath(new URL('./memory/tandem.yaml', import.meta.url));
const SERVICE = fileURLToPath(import.meta.resolve('./memory/service.ts'));

const { values } = parseArgs({ options: { requests: { type: 'string', default: String(WHOLE) } } });
const requests = Number(values.requests);
const millions = (requests / 1e6).toFixed(2);
const sampleEvery = Math.max(1, Math.floor(requests / SAMPLES));

const { date, machine } = circumstances();
try {
  const service = startChild(SERVICE);
  const url = `http://${httpAddress(await service.listening)}`;
  process.env['FEATURES_URL'] = url;
  const deployment = await openDriven(CONFIG);
  const samples: Sample[] = [];
  let liveBefore = 0;
  const startedMs = performance.now();
  const answered = await drive(deployment, {
    requests,
    random: seededRandom(SEED),
    sampleEvery,
    onSample(done) {
      samples.push(sampleAt(done));
      if (samples.length === SAMPLES * WARM_UP_SHARE) liveBefore = liveMb();
    },
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const liveAfter = liveMb();
  const { calls } = (await (await fetch(`${url}/counts`)).json()) as { calls: number };
  const counters = { ...deployment.caches.get('item')!.counters };
  await deployment.close();

  const warm = samples.slice(SAMPLES * WARM_UP_SHARE);
  const growth = (pick: (sample: Sample) => number): string => growthPerMillion(warm, pick).toFixed(2);
  const results = `# Memory of a cache under random keys

${millions} million requests of one key each, 256 at a time, by \`predict\` in one process (decoding, keys, cache, single
flight, coalescing, a real service over HTTP, policies); \`maxEntries: 10000\`. Every other request has a key out of 2³¹,
seen once; the others one of 5,000, which are hit, go stale (\`ttl: 1s\`) and are fetched anew. A tenth of the keys has no
row, and one call in fifty fails. Every answer is checked to be its key's own. Written by \`node bench/memory.ts\` on ${date};
${machine}.

\`\`\`
${renderChart(
  [
    { letter: 'r', values: samples.map(({ residentMb }) => residentMb) },
    { letter: 'h', values: samples.map(({ heapMb }) => heapMb) },
    { letter: 'x', values: samples.map(({ externalMb }) => externalMb) },
  ],
  `${millions} million requests`,
  'MiB',
)}

r resident   h heap in use, garbage included   x outside of the heap
\`\`\`

| after the first fifth | growth, MiB a million requests |
|---|---:|
| resident | ${growth(({ residentMb }) => residentMb)} |
| heap | ${growth(({ heapMb }) => heapMb)} |
| outside of the heap | ${growth(({ externalMb }) => externalMb)} |

Alive after a full collection: ${liveBefore.toFixed(1)} MiB after the first fifth, ${liveAfter.toFixed(1)} MiB at the end.

${Math.round(requests / seconds)} requests/s (${seconds.toFixed(0)} s). Values there: ${answered.present}; no row: ${answered.absent}; not to be had: ${answered.failed}.
The cache: ${counters.hits} hits, ${counters.stale} stale, ${counters.misses} misses, ${counters.refreshes} refreshes, ${counters.evictions} evictions,
${counters.entries} rows at the end, by its estimate ${(counters.bytes / 2 ** 20).toFixed(1)} MiB. Calls of the service: ${calls}.`;
  if (requests === WHOLE) keepResults(new URL('./cache-memory.md', import.meta.url), results);
  else console.log(results);
} finally {
  await stopChildren();
}
