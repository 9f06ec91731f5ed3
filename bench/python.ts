import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { stopChildren } from './load/child.ts';
import { callsPerSecond } from './load/closed-loop.ts';
import { chosenOf } from './load/chosen.ts';
import { circumstances, keepResults } from './load/results-file.ts';
import { usageOf } from './load/usage.ts';
import { renderServers, type ServerCell, type ServerLine } from './python/report.ts';
import { openServer, SERVERS, type ModelServer } from './python/servers.ts';

/**
 * What a predictor costs that does nothing, in TypeScript and in Python: the wrappers alone behind Tandem's own client,
 * beside servers written by hand on grpc.aio. Some three minutes; writes python.md.
 *
 *     node bench/python.ts [--seconds 2] [--rounds 5] [--only typescript,python,16]
 */
const CALLERS = [1, 16, 64] as const;
const WARM_UP_MS = 1000;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    /** Of the servers, and 1, 16, 64 callers; leaves python.md as it is. */
    only: { type: 'string', default: '' },
  },
});
const [seconds, rounds] = [Number(options.seconds), Number(options.rounds)];
const only = options.only.split(',').filter((name) => name !== '');

const { date, machine } = circumstances();
const folder = await mkdtemp(path.join(tmpdir(), 'tandem-python-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
const servers: ModelServer[] = [];
try {
  for (const name of chosenOf(SERVERS, only)) servers.push(await openServer(name, folder));
  const results = render(await measureAll());
  if (only.length > 0) console.log(results);
  else keepResults(new URL('./python.md', import.meta.url), results);
} finally {
  await Promise.all(servers.map((server) => server.close()));
  await stopChildren();
}

async function measureAll(): Promise<ServerLine[]> {
  const lines: ServerLine[] = [];
  for (const callers of chosenOf(CALLERS, only)) {
    const ofCallers = servers.map((server) => ({
      server,
      line: { callers, name: server.name, cells: [] } as ServerLine,
    }));
    for (let round = 1; round <= rounds; round++) {
      for (const { server, line } of ofCallers) {
        const cell = await measureServer(server, callers);
        line.cells.push(cell);
        console.error(`round ${round}, ${callers} callers, ${server.name}: ${cell.callsPerSecond.toFixed(0)}/s`);
      }
    }
    lines.push(...ofCallers.map(({ line }) => line));
  }
  return lines;
}

async function measureServer({ child, call }: ModelServer, callers: number): Promise<ServerCell> {
  await callsPerSecond(call, { callers, ms: WARM_UP_MS });
  const [server, client] = [usageOf(child.pid).cpuUs, process.cpuUsage()];
  const rate = await callsPerSecond(call, { callers, ms: seconds * 1000 });
  const { user, system } = process.cpuUsage(client);
  const calls = rate * seconds;
  return {
    callsPerSecond: rate,
    serverUs: (usageOf(child.pid).cpuUs - server) / calls,
    clientUs: (user + system) / calls,
  };
}

function render(lines: readonly ServerLine[]): string {
  return `# The wrappers alone

A predictor that answers zeros, behind Tandem's own client of models (\`orchestrator/model\`) in one process, over a Unix
socket: calls of ten rows of ten features, by 1, 16 and 64 callers, each of which calls again when it is answered. The
wrappers are \`tandem wrap\`'s; the servers on grpc.aio are written by hand (\`bench/rivals/python/grpc_predictor.py\`) and do
nothing that is not needed for an answer. On a stream, the calls of one turn of the event loop travel in one message.
Written by \`npm run bench -- python\` on ${date}: medians of ${rounds} interleaved rounds of ${seconds} s a cell after
${WARM_UP_MS / 1000} s of warm-up; ${machine}.

${renderServers(lines)}`;
}
