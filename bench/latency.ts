import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { boardsSection } from './boards.ts';
import { openCaches } from './caches/section.ts';
import { measureMaximum, measurePaced, type Paced } from './latency/measure.ts';
import { stopChildren } from './load/child.ts';
import { circumstances, keepResults } from './load/results-file.ts';
import type { Stack } from './load/stack.ts';
import { ensureWrk, type Shots } from './load/wrk.ts';

/**
 * Latencies at 50 % and 80 % of the maximum, in an open loop: requests are sent at a constant rate, and each latency
 * counts from the moment at which its request was to be sent. Some two minutes; writes latency.md.
 *
 *     node bench/latency.ts [--seconds 8] [--only hot10,boards]
 */
const SHARES = [0.5, 0.8] as const;
const LOADS: Record<string, string> = {
  hot10: 'N = 10, all keys known',
  half10: 'N = 10, every other key known',
  hot100: 'N = 100, all keys known',
  boards: 'boards of the example',
};

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    /** Of hot10, half10, hot100, boards; leaves latency.md as it is. */
    only: { type: 'string', default: '' },
  },
});
const seconds = Number(options.seconds);
const chosen = options.only === '' ? Object.keys(LOADS) : options.only.split(',');

interface Line {
  load: string;
  stack: string;
  maximum: number;
  share: number;
  paced: Paced;
}

const { date, machine } = circumstances();
await ensureWrk();
const folder = await mkdtemp(path.join(tmpdir(), 'tandem-latency-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
try {
  const results = render(await measureAll());
  if (options.only === '') keepResults(new URL('./latency.md', import.meta.url), results);
  else console.log(results);
} finally {
  await stopChildren();
}

async function measureAll(): Promise<Line[]> {
  const lines: Line[] = [];
  const caches = await openCaches(folder, ['echo', 'tandem']);
  for (const load of caches.loads.filter(({ name }) => chosen.includes(name))) {
    const [echo, tandem] = caches.stacks;
    const measured = await measureLoad(load.name, tandem, load);
    lines.push(...measured);
    // The echo at the same rates: what the generator and the machine have a part in.
    if (load.name === 'hot10') {
      for (const { share, maximum } of measured) lines.push(await measureShare(load.name, echo, load, maximum, share));
    }
  }
  await stopChildren();
  if (chosen.includes('boards')) {
    const { stacks, workloads } = await boardsSection(folder, {
      seconds,
      rounds: 1,
      stacks: ['tandem'],
      loads: ['boards'],
      parts: [],
      isWhole: false,
    });
    lines.push(...(await measureLoad('boards', stacks[0], workloads[0])));
  }
  return lines;
}

async function measureLoad(load: string, stack: Stack, shots: Shots): Promise<Line[]> {
  const { requestsPerSecond: maximum, bodies } = await measureMaximum(stack, shots);
  const lines: Line[] = [];
  let firstBody = bodies;
  for (const share of SHARES) {
    const line = await measureShare(load, stack, { ...shots, firstBody }, maximum, share);
    firstBody += line.paced.requests;
    lines.push(line);
  }
  return lines;
}

async function measureShare(load: string, stack: Stack, shots: Shots, maximum: number, share: number): Promise<Line> {
  const paced = await measurePaced(stack, shots, maximum * share, seconds);
  console.error(`${load}, ${stack.name}, ${paced.requestsPerSecond.toFixed(0)}/s: p99 ${paced.p99Ms.toFixed(2)} ms`);
  return { load, stack: stack.name, maximum, share, paced };
}

function render(lines: readonly Line[]): string {
  const row = ({ load, stack, maximum, share, paced }: Line): string =>
    `| ${[
      LOADS[load],
      stack === 'echo' ? 'echo, at the same rate' : stack,
      maximum.toFixed(0),
      `${share * 100} %`,
      paced.requestsPerSecond.toFixed(0),
      ...[paced.p50Ms, paced.p99Ms, paced.p999Ms, paced.maxMs, paced.lateP50Ms, paced.lateP99Ms].map((ms) =>
        ms.toFixed(2),
      ),
      ((paced.without / paced.requests) * 100).toFixed(1),
    ].join(' | ')} |`;
  return `# Latency at a constant rate

Open loop: requests leave at a constant rate whether answers come or not, and each latency counts from the moment at which
its request was to be sent, so that no wait is left out (coordinated omission). The maximum is that of \`wrk -t1 -c16\` just
before, Tandem's own; loads are those of \`caches.md\`, and the example's boards of some 200 flights. The generator is a Node process on the
same cores, which looks at clock and sockets every 0.2 ms: how late it sent is in the last columns, and is part of the
latencies. Written by \`node bench/latency.ts\` on ${date}: ${seconds} s a line after 1 s that is not counted;
${machine}.

| load | stack | maximum/s | share | requests/s | p50 ms | p99 ms | p99.9 ms | longest ms | sent late: p50 ms | p99 ms | fallbacks and refusals % |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
${lines.map(row).join('\n')}`;
}
