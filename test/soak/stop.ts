import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { hostsOf, residentMb, stateOf } from '../e2e/processes.ts';
import type { Dev } from '../e2e/start-dev.ts';
import { casesOfSize, type Case, type Cases } from './cases.ts';
import { runClients, type Answered } from './clients.ts';
import type { Options } from './options.ts';
import { seededRandom, type Random } from './random.ts';
import type { Line } from './report.ts';
import { Tally } from './tally.ts';

const MODEL = 'delay-risk';
const CLIENTS = 16;
const ROWS = 10;
/** Of models.delay-risk in the example. */
const DEADLINE_MS = 150;
const STOPPED_MS = 5000;
/** Load before the stop, so that what memory grows to anyway has grown; and after it, to see that all is well. */
const AROUND_MS = 3000;
/** After SIGCONT the model first works through what it was sent; from here on every answer is to be true. */
const CATCH_UP_MS = 1000;
const MOST_GROWTH_MB = 50;

/** The predictor's process stands still for 5 s: callers are answered at their deadline, and nothing piles up. */
export async function checkStop(url: string, dev: Dev, cases: Cases, options: Options): Promise<Line[]> {
  const answered: Answered[] = [];
  const load = new AbortController();
  const draw = drawFrom(casesOfSize(cases, ROWS), seededRandom(options.seed + 3));
  const signal = AbortSignal.any([load.signal, dev.gone]);
  const clients = runClients(url, CLIENTS, draw, (each) => answered.push(each), signal);
  await delay(AROUND_MS);
  const [host] = hostsOf(dev.pid, MODEL);
  if (host === undefined) throw new Error('the wrapper has no child to stop');
  const memory = new Memory(dev.pid);
  process.kill(host, 'SIGSTOP');
  while (stateOf(host) !== 'T') await delay(1);
  const stoppedMs = performance.now();
  const ownLoop = monitorEventLoopDelay({ resolution: 1 });
  ownLoop.enable();
  await delay(STOPPED_MS);
  ownLoop.disable();
  process.kill(host, 'SIGCONT');
  const continuedMs = performance.now();
  await delay(AROUND_MS);
  load.abort();
  await clients;
  memory.stop();

  const meanwhile = answered.filter(({ sentMs, arrivedMs }) => sentMs >= stoppedMs && arrivedMs < continuedMs);
  const afterwards = answered.filter(({ sentMs }) => sentMs >= continuedMs + CATCH_UP_MS);
  return [
    ...checkMeanwhile(meanwhile, ownLoop.max / 1e6),
    {
      claim: `resident memory of the orchestrator grows by at most ${MOST_GROWTH_MB} MB`,
      seen: `${memory.beforeMb.toFixed(0)} MB before, ${memory.mostMb.toFixed(0)} MB at most`,
      holds: memory.mostMb - memory.beforeMb <= MOST_GROWTH_MB,
    },
    checkAfterwards(afterwards, host === hostsOf(dev.pid, MODEL)[0]),
  ];
}

/** `ownLateMs` is how long the clients' own event loop stood still at most: their part of what they measure. */
function checkMeanwhile(answered: readonly Answered[], ownLateMs: number): Line[] {
  const tally = tallyOf(answered);
  const late = answered.map(({ sentMs, arrivedMs }) => arrivedMs - sentMs).sort((a, b) => a - b);
  const p99 = late[Math.ceil(late.length * 0.99) - 1] ?? Number.NaN;
  const last = late.at(-1) ?? Number.NaN;
  const allowed = new Set(['DEADLINE_EXCEEDED', 'OVERLOADED']);
  return [
    {
      claim: `the wrapper stopped for ${STOPPED_MS / 1000} s, ${CLIENTS} clients, N = ${ROWS}: each answer is the fallback, DEADLINE_EXCEEDED or OVERLOADED`,
      seen: tally.describe(),
      holds:
        answered.length > 0 &&
        answered.every(({ verdict }) => verdict.kind === 'fallback' && allowed.has(verdict.code)),
    },
    {
      claim: `p99 of these answers within the deadline (${DEADLINE_MS} ms) + 20 ms`,
      seen: `${p99.toFixed(1)} ms, of which the clients' own event loop had at most ${ownLateMs.toFixed(1)} ms`,
      holds: p99 <= DEADLINE_MS + 20,
    },
    { claim: 'none later than the deadline + 100 ms', seen: `${last.toFixed(1)} ms`, holds: last <= DEADLINE_MS + 100 },
  ];
}

function checkAfterwards(answered: readonly Answered[], isSameHost: boolean): Line {
  const tally = tallyOf(answered);
  return {
    claim: `from ${CATCH_UP_MS / 1000} s after SIGCONT on, every answer is true, of the same process`,
    seen: `${tally.describe()}, ${isSameHost ? 'same process' : 'another process'}`,
    holds: answered.length > 0 && tally.trueAnswers === answered.length && isSameHost,
  };
}

function tallyOf(answered: readonly Answered[]): Tally {
  const tally = new Tally();
  for (const each of answered) tally.add(each);
  tally.examples.forEach((example) => console.error(example));
  return tally;
}

function* drawFrom(cases: readonly Case[], random: Random): Generator<Case> {
  if (cases.length === 0) throw new Error(`no requests of ${ROWS} departures among so few; ask for more --answers`);
  for (;;) yield random.pick(cases);
}

/** Resident memory of a process, looked at ten times a second. */
class Memory {
  readonly beforeMb: number;
  mostMb: number;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.beforeMb = residentMb(pid) ?? Number.NaN;
    this.mostMb = this.beforeMb;
    this.#timer = setInterval(() => (this.mostMb = Math.max(this.mostMb, residentMb(pid) ?? Number.NaN)), 100);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
