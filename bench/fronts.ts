import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureCell, type Cell } from './load/cell.ts';
import { httpAddress, startChild, stopChildren } from './load/child.ts';
import { median } from './load/median.ts';
import { ensureWrk } from './load/wrk.ts';

/**
 * Which front Tandem stands on: its own server over node:http, or Fastify 5 set up to do the same; one tiny route
 * behind both (parse a body of ten instances, answer ten numbers). `node bench/fronts.ts [--seconds 5] [--rounds 3]` writes fronts.md.
 */
const FRONTS = {
  'node:http': import.meta.resolve('./fronts/node-http.ts'),
  'Fastify 5': import.meta.resolve('./fronts/fastify.ts'),
};
type Front = keyof typeof FRONTS;
const NAMES = Object.keys(FRONTS) as Front[];

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, rounds: { type: 'string', default: '3' } },
});

await ensureWrk();
const folder = await mkdtemp(path.join(tmpdir(), 'tandem-fronts-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
try {
  const bodies = path.join(folder, 'bodies.jsonl');
  await writeFile(bodies, tenInstanceBodies(256));
  const shots = { bodiesFile: bodies, connections: 16, mayFallBack: false };
  const cells: Record<Front, Cell[]> = { 'node:http': [], 'Fastify 5': [] };
  const fronts = NAMES.map((name) => ({ name, child: startChild(fileURLToPath(FRONTS[name])) }));
  for (let round = 0; round < Number(options.rounds); round++) {
    // Who goes first alternates, so that a load that comes and goes on the machine favours neither.
    for (const { name, child } of round % 2 === 0 ? fronts : fronts.toReversed()) {
      const url = `http://${httpAddress(await child.listening)}/v1/models/linear:predict`;
      cells[name].push(await measureCell({ server: child }, url, shots, Number(options.seconds)));
    }
  }
  const report = render(cells);
  await writeFile(new URL('./fronts.md', import.meta.url), report);
  console.log(report);
} finally {
  await stopChildren();
}

function tenInstanceBodies(count: number): string {
  const lines = Array.from({ length: count }, (_, request) => {
    const instances = Array.from({ length: 10 }, (_instance, i) => ({ id: `i${request * 10 + i}` }));
    return `${JSON.stringify({ instances, request: { city: `c${request}` } })}\n`;
  });
  return lines.join('');
}

function render(cells: Record<Front, Cell[]>): string {
  const row = (name: Front) => {
    const middle = (pick: (cell: Cell) => number, digits: number) => median(cells[name].map(pick)).toFixed(digits);
    return (
      `| ${name} | ${middle((cell) => cell.requestsPerSecond, 0)} | ${middle((cell) => cell.p50Ms, 2)} ` +
      `| ${middle((cell) => cell.p99Ms, 2)} | ${middle((cell) => cell.cpuUs.total, 1)} |`
    );
  };
  const ratio = (pick: (cell: Cell) => number) => {
    const ratios = cells['Fastify 5'].map((cell, round) => pick(cell) / pick(cells['node:http'][round]));
    return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
  };
  return `# Which front: node:http or Fastify 5

Tandem's server over node:http, and Fastify 5 set up to do the same; one route that parses a body of ten instances and
answers ten numbers; \`wrk -t1 -c16\`, ${options.seconds} s a cell, medians of
${options.rounds} interleaved rounds; ${availableParallelism()} cores shared with wrk, Node ${process.version}. Written by \`node bench/fronts.ts\`.

| front | requests/s | p50 ms | p99 ms | CPU µs a request |
|---|---|---|---|---|
${NAMES.map(row).join('\n')}

Fastify against node:http, median of the rounds' ratios and the least and greatest of them: requests/s ${ratio((cell) => cell.requestsPerSecond)}, CPU a request ${ratio((cell) => cell.cpuUs.total)}.
A span that holds 1 decides nothing.
`;
}
