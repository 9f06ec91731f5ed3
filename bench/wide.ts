import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureWarm, WARM_UP_SECONDS, type Cell } from './load/cell.ts';
import { stopChildren } from './load/child.ts';
import { median } from './load/median.ts';
import { circumstances, keepResults } from './load/results-file.ts';
import { usageOf } from './load/usage.ts';
import { ensureWrk, runLoad } from './load/wrk.ts';
import type { Caching } from './wide/layout.ts';
import { openWide } from './wide/section.ts';

/**
 * What a wide request costs: 200 instances of 80 features from the store, 25 from a REST API and 15 computed, as cores
 * that a thousand requests a second would take. Under a minute; writes wide.md.
 *
 *     node bench/wide.ts [--seconds 5] [--rounds 2]
 */
const CACHED: Record<Caching, string> = {
  nothing: 'nothing',
  service: 'the REST features',
  all: 'the REST features and the rows of the store',
};

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, rounds: { type: 'string', default: '2' } },
});
const [seconds, rounds] = [Number(options.seconds), Number(options.rounds)];

interface WideCell extends Cell {
  serviceUs: number;
}

const { date, machine } = circumstances();
await ensureWrk();
const folder = await mkdtemp(path.join(tmpdir(), 'tandem-wide-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
try {
  keepResults(new URL('./wide.md', import.meta.url), render(await measureAll()));
} finally {
  await stopChildren();
}

async function measureAll(): Promise<Map<Caching, WideCell[]>> {
  const { shots, stacks, servicePid } = await openWide(folder);
  const cells = new Map<Caching, WideCell[]>(stacks.map(({ caching }) => [caching, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const { caching, stack } of stacks) {
      await runLoad(stack.url, shots, WARM_UP_SECONDS);
      const before = usageOf(servicePid).cpuUs;
      const cell = await measureWarm(stack.processes, stack.url, shots, seconds);
      const serviceUs = (usageOf(servicePid).cpuUs - before) / cell.requests;
      cells.get(caching)!.push({ ...cell, serviceUs });
      console.error(`round ${round}, cached: ${caching}: ${cell.requestsPerSecond.toFixed(0)}/s`);
    }
  }
  return cells;
}

function render(measured: ReadonlyMap<Caching, WideCell[]>): string {
  const line = (caching: Caching, cells: readonly WideCell[]): string => {
    const middle = (pick: (cell: WideCell) => number, digits: number) => median(cells.map(pick)).toFixed(digits);
    return `| ${[
      CACHED[caching],
      middle(({ cpuUs }) => cpuUs.server / 1000, 1),
      middle(({ cpuUs }) => cpuUs.model / 1000, 1),
      middle(({ cpuUs }) => cpuUs.total / 1000, 1),
      middle(({ serviceUs }) => serviceUs / 1000, 1),
      middle(({ requestsPerSecond }) => requestsPerSecond, 0),
      middle(({ p50Ms }) => p50Ms, 1),
      middle(({ p99Ms }) => p99Ms, 1),
    ].join(' | ')} |`;
  };
  return `# Wide requests

Requests of 200 instances with 120 features each: 80 from three tables of LMDB (rows of 40, 20 and 20 doubles as JSON),
25 from a REST API (\`batch: { size: 100 }\`), 15 computed by CEL; the model sums its rows. Every answer was verified before.
Cores are CPU seconds, user and system, all threads, for 1,000 requests: 200,000 instances, 24 million values. Written by
\`node bench/wide.ts\` on ${date}: medians of ${rounds} interleaved rounds of ${seconds} s a cell after ${WARM_UP_SECONDS} s of warm-up,
\`wrk -t1 -c16\`; ${machine}.

| cached | cores per 1,000 requests/s: orchestrator | wrapper | both | (the service) | requests/s here | p50 ms | p99 ms |
|---|---:|---:|---:|---:|---:|---:|---:|
${[...measured].map(([caching, cells]) => line(caching, cells)).join('\n')}`;
}
