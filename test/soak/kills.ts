import { setTimeout as delay } from 'node:timers/promises';
import { hostsOf, isGone, startOf } from '../e2e/processes.ts';
import type { Dev } from '../e2e/start-dev.ts';
import { drawSmall, type Cases } from './cases.ts';
import { runClients, type Answered } from './clients.ts';
import type { Options } from './options.ts';
import { seededRandom } from './random.ts';
import type { Line } from './report.ts';
import { Tally } from './tally.ts';

const CLIENTS = 64;
const LIMIT_MS = 2000;
/** How long a kill may take to be healed before the soak gives up waiting. */
const GIVE_UP_MS = 15_000;
/** True answers between two kills: a child that crashes at once is restarted ever later, and that is another matter. */
const HEALTHY_MS = 1500;

/** The predictor's process is killed again and again under load; the orchestrator never is, and answers truly soon. */
export async function checkKills(url: string, dev: Dev, cases: Cases, options: Options): Promise<Line[]> {
  const tally = new Tally();
  const watch = new FirstTrueAnswer();
  const started = startOf(dev.pid);
  const load = new AbortController();
  const draw = drawSmall(cases, seededRandom(options.seed + 2));
  const onAnswer = (answered: Answered): void => {
    tally.add(answered);
    watch.see(answered);
  };
  const clients = runClients(url, CLIENTS, draw, onAnswer, AbortSignal.any([load.signal, dev.gone]));
  const healedMs: number[] = [];
  for (let kill = 0; kill < options.kills; kill++) {
    await watch.after(performance.now());
    await delay(HEALTHY_MS);
    const endedMs = await killHost(dev.pid);
    healedMs.push((await watch.after(endedMs)) - endedMs);
  }
  load.abort();
  await clients;
  tally.examples.forEach((example) => console.error(example));
  return [
    {
      claim: `the wrapper's child killed ${options.kills} times under ${CLIENTS} clients, ${HEALTHY_MS / 1000} s after it healed: answers are true, the fallback or a clear error`,
      seen: tally.describe(),
      holds: tally.wrong === 0,
    },
    {
      claim: `first model answer within ${LIMIT_MS} ms of its exit, each time`,
      seen: `${healedMs.map((ms) => Math.round(ms)).join(', ')} ms`,
      holds: healedMs.every((ms) => ms <= LIMIT_MS),
    },
    {
      claim: 'no restart of the orchestrator',
      seen: `process ${startOf(dev.pid) === started && !isGone(dev.pid) ? 'unchanged' : 'changed'}`,
      holds: startOf(dev.pid) === started && !isGone(dev.pid),
    },
  ];
}

/** Kills the process that hosts the predictor; gives the moment at which it was seen to have ended. */
async function killHost(dev: number): Promise<number> {
  const [host] = hostsOf(dev, 'delay-risk');
  if (host === undefined) throw new Error('the wrapper has no child to kill');
  process.kill(host, 'SIGKILL');
  while (!isGone(host)) await delay(1);
  return performance.now();
}

/** Waits for the first true answer to a request that was sent after a moment. */
class FirstTrueAnswer {
  #sentAfterMs = Number.POSITIVE_INFINITY;
  #found: (arrivedMs: number) => void = () => undefined;

  see({ verdict, sentMs, arrivedMs }: Answered): void {
    if (verdict.kind !== 'true' || sentMs < this.#sentAfterMs) return;
    this.#sentAfterMs = Number.POSITIVE_INFINITY;
    this.#found(arrivedMs);
  }

  /** The moment at which it arrived; infinite when none came in time. */
  async after(moment: number): Promise<number> {
    this.#sentAfterMs = moment;
    const found = new Promise<number>((resolve) => (this.#found = resolve));
    return Promise.race([found, delay(GIVE_UP_MS, Number.POSITIVE_INFINITY, { ref: false })]);
  }
}
