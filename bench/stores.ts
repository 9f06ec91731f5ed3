import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RedisServer } from '../test/servers/redis.ts';
import { stopChildren } from './load/child.ts';
import { median } from './load/median.ts';
import { judge, ratiosOf, renderRatios } from './load/ratios.ts';
import { circumstances, keepResults } from './load/results-file.ts';
import { ensureWrk } from './load/wrk.ts';
import { measureIngest, renderIngest, type IngestRound } from './stores/ingest.ts';
import { READERS, type ReadLoad } from './stores/read-load.ts';
import { openReads, type ReadRates } from './stores/reads.ts';
import { measureRequests, renderRequests, type RequestLine } from './stores/requests.ts';

/**
 * What stores over the network cost: reads of the Redis source beside the bare client, whole requests beside a stack
 * written by hand, and ingest beside what else moves rows. `node bench/stores.ts [--rounds 5] [--seconds 3]`.
 */
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } },
});
const ROUNDS = Number(options.rounds);
const SECONDS = Number(options.seconds);
/** Until V8 has made its code of a reader and its heap is as large as it gets: ratios rise for four seconds. */
const READS_WARM_UP_SECONDS = 6;
/** Short ones, and more than of requests: the collector falls into one and not into another. */
const READS_ROUNDS = 2 * ROUNDS - 1;
const READS_SECONDS = SECONDS / 4;
const LOADS: readonly ReadLoad[] = [1, 10, 100].flatMap((keys) => [10, 50].map((fields) => ({ keys, fields })));

const { date, machine } = circumstances();
await ensureWrk();
const folder = await mkdtemp(path.join(tmpdir(), 'tandem-stores-'));
const redis = await RedisServer.start();
try {
  const reads = await measureReads();
  const requests = await measureRequests(redis, folder, { rounds: ROUNDS, seconds: SECONDS });
  const ingest = await measureIngest(redis, folder, 3);
  keepResults(new URL('./stores.md', import.meta.url), render(reads, requests, ingest));
} finally {
  await stopChildren();
  await redis.stop();
  await rm(folder, { recursive: true });
}

interface ReadLine {
  load: ReadLoad;
  rounds: ReadRates[];
}

async function measureReads(): Promise<ReadLine[]> {
  const lines: ReadLine[] = [];
  for (const load of LOADS) {
    const bench = await openReads(redis.url, load);
    await bench.measure(READS_WARM_UP_SECONDS * 1000);
    const rounds: ReadRates[] = [];
    for (let round = 0; round < READS_ROUNDS; round++) rounds.push(await bench.measure(READS_SECONDS * 1000));
    await bench.close();
    lines.push({ load, rounds });
    console.error(`reads, ${load.keys} keys of ${load.fields} doubles: ${JSON.stringify(rounds.at(-1))}`);
  }
  return lines;
}

function render(reads: readonly ReadLine[], requests: readonly RequestLine[], ingest: readonly IngestRound[]): string {
  const ratios = ({ rounds }: ReadLine, ours: 'packed' | 'json', bare: 'mgetBuffer' | 'mget + JSON.parse') =>
    ratiosOf(rounds, rounds, (rates) => rates[ours] / rates[bare]).map((_, at) => rounds[at][ours] / rounds[at][bare]);
  const readRows = reads.map((line) => {
    const rates = READERS.map((reader) => median(line.rounds.map((round) => round[reader])).toFixed(0));
    const [packed, json] = [ratios(line, 'packed', 'mgetBuffer'), ratios(line, 'json', 'mget + JSON.parse')];
    return `| ${line.load.keys} | ${line.load.fields} | ${rates.join(' | ')} | ${renderRatios(packed)} | ${renderRatios(json)} |`;
  });
  const aims = reads.flatMap((line) => {
    const of = `${line.load.keys} keys of ${line.load.fields} doubles`;
    return [
      judge(
        `packed at least 0.85 of mgetBuffer, ${of}`,
        ratios(line, 'packed', 'mgetBuffer'),
        (ratio) => ratio >= 0.85,
      ),
      judge(
        `JSON at least 0.9 of mget + JSON.parse, ${of}`,
        ratios(line, 'json', 'mget + JSON.parse'),
        (ratio) => ratio >= 0.9,
      ),
    ];
  });
  return `# Stores

Written by \`node bench/stores.ts\` on ${date}: medians of ${ROUNDS} interleaved rounds; ${machine}.

## Reads

The Redis source alone, 16 fetches under way, random keys of 10,000 rows, every field asked for. \`mgetBuffer\` is the bare
client and decodes nothing; \`mget + JSON.parse\` lays nothing into columns. Each reader is a process of its own, so that
what one leaves to collect is not another's to wait for; they read in turn, beside the server. Calls a second, medians of
${READS_ROUNDS} rounds of ${READS_SECONDS} s after ${READS_WARM_UP_SECONDS} s of warm-up.

| keys a call | doubles a row | ${READERS.join(' | ')} | packed ÷ mgetBuffer | json ÷ mget + JSON.parse |
|---:|---:|---:|---:|---:|---:|---|---|
${readRows.join('\n')}

${aims.join('\n')}

${renderRequests(requests)}

${renderIngest(ingest)}
`;
}
