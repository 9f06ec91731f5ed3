import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BOARDS_CONFIG, boardsWorkload, startWeather } from './boards.ts';
import { measureWarm, WARM_UP_SECONDS, type Cell, type Processes } from './load/cell.ts';
import { httpAddress, startChild, stopChildren } from './load/child.ts';
import { median } from './load/median.ts';
import { ratiosOf, renderRatios } from './load/ratios.ts';
import { circumstances, keepResults } from './load/results-file.ts';
import { fillByDev, startWrapper } from './load/stack.ts';
import { usageOf } from './load/usage.ts';
import { verifyAnswers } from './load/workload.ts';
import { ensureWrk, runLoad } from './load/wrk.ts';

/**
 * What merging the calls of concurrent requests saves, over the example's boards: the calls that reach the weather
 * service, as it counts them, and CPU, with merging and without. Under two minutes; writes coalescing.md.
 *
 *     node bench/coalescing.ts [--seconds 4] [--rounds 3]
 */
const SERVE = fileURLToPath(import.meta.resolve('./coalescing/serve.ts'));
const CONNECTIONS = 64;
/** Short, so that there is always something to fetch: each key twice a second. */
const TTL_MS = 500;

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '3' } },
});
const [seconds, rounds] = [Number(options.seconds), Number(options.rounds)];

interface MergeCell extends Cell {
  callsARequest: number;
  keysARequest: number;
  serviceUs: number;
}

interface Line {
  cached: boolean;
  merged: boolean;
  url: string;
  processes: Processes;
  cells: MergeCell[];
}

const { date, machine } = circumstances();
await ensureWrk();
const folder = await mkdtemp(path.join(tmpdir(), 'tandem-coalescing-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
try {
  keepResults(new URL('./coalescing.md', import.meta.url), render(await measureAll()));
} finally {
  await stopChildren();
}

async function measureAll(): Promise<Line[]> {
  const stateDir = path.join(folder, 'flights');
  const weather = await startWeather();
  await fillByDev(BOARDS_CONFIG, stateDir);
  const model = startWrapper(BOARDS_CONFIG, stateDir);
  const workload = { ...(await boardsWorkload()), connections: CONNECTIONS };
  const counts = async (): Promise<{ calls: number; keys: number }> => {
    const { lookup } = (await (await fetch(`${weather.url}/counts`)).json()) as {
      lookup: { calls: number; keys: number };
    };
    return lookup;
  };

  const lines: Line[] = [];
  for (const cached of [false, true]) {
    for (const merged of [false, true]) {
      const args = ['--config', BOARDS_CONFIG, '--state-dir', stateDir];
      if (merged) args.push('--merge');
      if (cached) args.push('--ttl', String(TTL_MS));
      const server = startChild(SERVE, args);
      const url = `http://${httpAddress(await server.listening)}/v1/models/delay-risk:predict`;
      await verifyAnswers('tandem', url, workload);
      lines.push({ cached, merged, url, processes: { server, model }, cells: [] });
    }
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { cached, merged, url, processes, cells } of lines) {
      await runLoad(url, workload, WARM_UP_SECONDS);
      const [before, usage] = [await counts(), usageOf(weather.pid)];
      const cell = await measureWarm(processes, url, workload, seconds);
      const [after, usageAfter] = [await counts(), usageOf(weather.pid)];
      cells.push({
        ...cell,
        callsARequest: (after.calls - before.calls) / cell.requests,
        keysARequest: (after.keys - before.keys) / cell.requests,
        serviceUs: (usageAfter.cpuUs - usage.cpuUs) / cell.requests,
      });
      const { requestsPerSecond, callsARequest } = cells.at(-1)!;
      const kind = `${cached ? 'cached' : 'no cache'}, ${merged ? 'merged' : 'not merged'}`;
      console.error(
        `round ${round}, ${kind}: ${requestsPerSecond.toFixed(0)}/s, ${callsARequest.toFixed(3)} calls each`,
      );
    }
  }
  return lines;
}

function render(lines: readonly Line[]): string {
  const row = ({ cached, merged, cells }: Line): string => {
    const middle = (pick: (cell: MergeCell) => number, digits: number) => median(cells.map(pick)).toFixed(digits);
    return `| ${[
      cached ? `ttl ${TTL_MS} ms` : 'none',
      merged ? 'merged' : 'one by one',
      middle(({ callsARequest }) => callsARequest * 1000, 0),
      middle(({ keysARequest }) => keysARequest * 1000, 0),
      middle(({ cpuUs }) => cpuUs.server, 0),
      middle(({ serviceUs }) => serviceUs, 0),
      middle(({ requestsPerSecond }) => requestsPerSecond, 0),
      middle(({ p50Ms }) => p50Ms, 1),
      middle(({ p99Ms }) => p99Ms, 1),
    ].join(' | ')} |`;
  };
  const saved = (cached: boolean): string => {
    const [apart, together] = [false, true].map(
      (merged) => lines.find((line) => line.cached === cached && line.merged === merged)!.cells,
    );
    const ratio = (pick: (cell: MergeCell) => number): string => renderRatios(ratiosOf(together, apart, pick));
    return `| ${[
      cached ? `ttl ${TTL_MS} ms` : 'none',
      ratio(({ callsARequest }) => callsARequest),
      ratio(({ cpuUs }) => cpuUs.server),
      ratio(({ serviceUs }) => serviceUs),
    ].join(' | ')} |`;
  };
  return `# What merging calls saves

The example's 200 boards, ${CONNECTIONS} at a time: each reads three keys of the weather service, in one call of its own or in calls
merged over the requests of one turn of the event loop (\`orchestrator/features/coalesce.ts\`). Without a cache, and with
one so short that its keys are always being fetched; a cache that is warm spares the calls either way. The server is the
bench's own (\`bench/coalescing/serve.ts\`), with the example's stores, plan and model; calls are those that the service
counted. Written by \`node bench/coalescing.ts\` on ${date}: medians of ${rounds} interleaved rounds of ${seconds} s a
cell after ${WARM_UP_SECONDS} s of warm-up, \`wrk -t1 -c${CONNECTIONS}\`; ${machine}.

| cache | calls | calls for 1,000 requests | keys fetched | CPU µs a request: server | the service | requests/s | p50 ms | p99 ms |
|---|---|---:|---:|---:|---:|---:|---:|---:|
${lines.map(row).join('\n')}

## Merged ÷ one by one

Medians of the rounds' ratios, with the least and the greatest.

| cache | calls a request | CPU of the server | CPU of the service |
|---|---|---|---|
${saved(false)}
${saved(true)}`;
}
