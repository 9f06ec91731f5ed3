import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RedisServer } from '../test/servers/redis.ts';
import { measureCell, WARM_UP_SECONDS } from './load/cell.ts';
import { stopChildren } from './load/child.ts';
import { chosenOf } from './load/chosen.ts';
import { circumstances, keepResults } from './load/results-file.ts';
import { ensureWrk } from './load/wrk.ts';
import { pinned, renderRivals, type RivalLine } from './rivals/report.ts';
import { prepareRivals, RIVALS, type RivalStack } from './rivals/section.ts';

/**
 * Tandem with a predictor in Python beside what else serves models in Python, all doing the same work over one Redis with
 * nothing cached. Some eight minutes, and some more at the first run, for 1.3 GB of virtual environments; writes rivals.md.
 *
 *     node bench/rivals.ts [--seconds 4] [--rounds 3] [--only tandem-python,fastapi,n10]
 */
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    /** Of the stacks, and n1, n10, n100; leaves rivals.md as it is. */
    only: { type: 'string', default: '' },
  },
});
const [seconds, rounds] = [Number(options.seconds), Number(options.rounds)];
const only = options.only.split(',').filter((name) => name !== '');

const { date, machine } = circumstances();
await ensureWrk();
const folder = await mkdtemp(path.join(tmpdir(), 'tandem-rivals-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
const redis = await RedisServer.start();
try {
  const results = render(await measureAll(await openAll()));
  if (only.length > 0) console.log(results);
  else keepResults(new URL('./rivals.md', import.meta.url), results);
} finally {
  await stopChildren();
  await redis.stop();
}

async function openAll(): Promise<RivalStack[]> {
  const open = await prepareRivals(redis.url, folder);
  const stacks: RivalStack[] = [];
  for (const name of chosenOf(RIVALS, only)) {
    stacks.push(await open(name));
    console.error(`${name} answers rightly`);
  }
  return stacks;
}

async function measureAll(stacks: readonly RivalStack[]): Promise<RivalLine[]> {
  const lines: RivalLine[] = [];
  for (const load of chosenOf(['n1', 'n10', 'n100'] as const, only)) {
    const ofLoad = stacks.map((stack) => ({ stack, line: { load, stack: stack.name, cells: [] } as RivalLine }));
    for (let round = 1; round <= rounds; round++) {
      for (const { stack, line } of ofLoad) {
        const workload = stack.workloads.find(({ name }) => name === load)!;
        const cell = await measureCell(stack.processes, stack.url, workload, seconds);
        line.cells.push(cell);
        console.error(`round ${round}, ${load}, ${stack.name}: ${cell.requestsPerSecond.toFixed(0)}/s`);
      }
    }
    lines.push(...ofLoad.map(({ line }) => line));
  }
  return lines;
}

function render(lines: readonly RivalLine[]): string {
  return `# Rivals in Python

A request names N items: ten doubles for each (one key of Redis an item, JSON) and one number for the request's city make
a matrix of N rows, a linear model makes N scores. Nothing is cached, nowhere; Redis, the stacks and wrk share the cores;
every answer was verified to 1e-9 before. Written by \`npm run bench -- rivals\` on ${date}: medians of ${rounds} interleaved
rounds of ${seconds} s a cell after ${WARM_UP_SECONDS} s of warm-up, \`wrk -t1 -c16\`, 256 bodies; ${machine}.

The programs are in \`bench/rivals/python/\`, what they need is pinned beside them. All listen on the loopback and keep no
log of requests; what is not said here is each stack's own default, with one process that serves.

- Tandem: \`tandem serve\` with \`bench/linear/tandem.yaml\`, no cache, and \`tandem wrap\` with \`predictor.py\` or \`predictor.ts\`.
- node:http, grpc.aio predictor: the bare stack (\`bench/rivals/bare.ts\`), one MGET a request, and one unary call over a Unix
  socket to \`grpc_predictor.py\`.
- FastAPI ${pinned('fastapi', 'fastapi')}: uvicorn ${pinned('fastapi', 'uvicorn')} with uvloop and httptools, pydantic models, the model in the process.
- KServe ${pinned('kserve', 'kserve')}: V1 over REST, an async \`predict\`, no gRPC.
- MLServer ${pinned('mlserver', 'mlserver')}: the Open Inference Protocol over REST, an async \`predict\`, no workers, no metrics.
- LitServe ${pinned('litserve', 'litserve')}: \`enable_async\`, one server process and one worker on the CPU.
- BentoML ${pinned('bentoml', 'bentoml')}: \`bentoml serve\`, an async API.

All of Python read by one MGET of redis-py ${pinned('fastapi', 'redis')} with hiredis (async), parse by \`json\` and score by NumPy ${pinned('fastapi', 'numpy')}.

${renderRivals(lines)}`;
}
