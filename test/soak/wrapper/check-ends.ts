import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { holdingsOf, leftOf, type Holdings, type LeftOver } from '../../e2e/left-over.ts';
import type { Random } from '../random.ts';
import type { Line } from '../report.ts';
import { askOnce, Clients, type Answered } from './clients.ts';
import { MODELS, startAgain, startHarmed, urlOf, type Harmed, type Hosting } from './project.ts';
import { CLIENTS } from './round.ts';

/** Of predictions, and of the admin. */
const PORTS = 2;
/** Of each process of a model: for gRPC and for frames. */
const SOCKETS_EACH = 2;
const LOADED_MS = 500;
/** What nobody stops has so long to end by itself. */
const GONE_WITHIN_MS = 10_000;
/** So long that no Unix socket could have its name: the sockets are in the temp folder. */
const LONG = 'state-'.repeat(20);

interface End {
  name: string;
  signal: NodeJS.Signals;
  /** Ctrl-C goes to the whole group, a kill to `tandem dev` alone. */
  isGroup: boolean;
  /** What the predictors do meanwhile. Default: they answer. */
  hang?: 'loop' | 'loop-in-c';
}

const ENDS: readonly End[] = [
  { name: 'Ctrl-C', signal: 'SIGINT', isGroup: true },
  { name: 'Ctrl-C while predictors hang', signal: 'SIGINT', isGroup: true, hang: 'loop' },
  { name: 'SIGTERM', signal: 'SIGTERM', isGroup: false },
  { name: 'SIGTERM while predictors hang', signal: 'SIGTERM', isGroup: false, hang: 'loop-in-c' },
  { name: 'SIGKILL of `tandem dev` alone', signal: 'SIGKILL', isGroup: false },
  { name: 'SIGKILL of `tandem dev` alone while predictors hang', signal: 'SIGKILL', isGroup: false, hang: 'loop-in-c' },
];

/** However `tandem dev` ends, nothing of it is left. */
export async function checkEnds(random: Random): Promise<Line[]> {
  const lines: Line[] = [];
  for (const language of ['Python', 'TypeScript'] as const) {
    for (const end of ENDS) {
      const hosting = { language, replicas: 2, stateDir: lines.length % 2 === 0 ? 'state' : LONG };
      const line = await checkEnd(end, hosting, random);
      console.error(`  ${line.holds ? 'holds' : 'DOES NOT HOLD'}: ${line.claim}: ${line.seen}`);
      lines.push(line);
    }
  }
  return lines;
}

async function checkEnd(end: End, hosting: Hosting & { stateDir: string }, random: Random): Promise<Line> {
  await using harmed = await startHarmed(hosting);
  const { dev } = harmed;
  const holdings = await allHoldings(harmed, hosting.replicas);
  const before = leftOf(holdings);
  const clients = new Clients(urlOf(dev, 'patient'), CLIENTS, random);
  await delay(LOADED_MS);
  const hanging = end.hang === undefined ? [] : hangAll(end.hang, harmed, hosting, random);
  await delay(LOADED_MS);
  const fromMs = performance.now();
  process.kill(end.isGroup ? -dev.pid : dev.pid, end.signal);
  if (!dev.gone.aborted) await once(dev.gone, 'abort');
  const atOnce = leftOf(holdings);
  const endedMs = performance.now() - fromMs;
  const isKilled = end.signal === 'SIGKILL';
  const left = isKilled ? await leftInTime(holdings) : atOnce;
  const goneMs = performance.now() - fromMs;
  await Promise.all([clients.stop(), ...hanging]);
  const again = isKilled ? await startsAgain(harmed, holdings) : undefined;
  const total = { ...left, files: isKilled ? 0 : left.files };
  return {
    claim:
      `\`tandem dev\` (${hosting.language}, ${MODELS.length} models, replicas ${hosting.replicas}, sockets in the ` +
      `${hosting.stateDir === LONG ? 'temp' : 'state'} folder) ended by ${end.name}: no process, no socket left` +
      (isKilled ? `, within ${GONE_WITHIN_MS / 1000} s; files of sockets are replaced when it is started again` : ''),
    seen:
      `${describe(before)} before; ${describe(left)} ${Math.round(isKilled ? goneMs : endedMs)} ms after` +
      (again === undefined ? '' : `; started again and ended: ${describe(again)}`),
    holds: isNothing(total) && (again === undefined || isNothing(again)) && before.processes > MODELS.length,
  };
}

/** Ready with the first replica of each model: here all are to be there. */
async function allHoldings({ dev, folder, stateDir }: Harmed, replicas: number): Promise<Holdings> {
  for (;;) {
    const holdings = holdingsOf(dev.pid, folder, stateDir, MODELS, replicas);
    if (holdings.listening.length === PORTS + SOCKETS_EACH * MODELS.length * replicas) return holdings;
    await delay(20);
  }
}

/** Every process of the models that others do not ask meanwhile. */
function hangAll(
  what: 'loop' | 'loop-in-c',
  { dev }: Harmed,
  { language, replicas }: Hosting,
  random: Random,
): Promise<Answered>[] {
  const wrong = language === 'Python' ? what : 'loop';
  // At once: each goes to the process that has fewer.
  return (['guarded', 'plain'] as const).flatMap((model) =>
    Array.from({ length: replicas }, () => askOnce(urlOf(dev, model), random, wrong)),
  );
}

async function leftInTime(holdings: Holdings): Promise<LeftOver> {
  const untilMs = performance.now() + GONE_WITHIN_MS;
  for (;;) {
    const left = leftOf(holdings);
    if ((left.processes === 0 && left.listening === 0) || performance.now() > untilMs) return left;
    await delay(20);
  }
}

/** Over the files of the sockets that were left. */
async function startsAgain({ folder, stateDir }: Harmed, holdings: Holdings): Promise<LeftOver> {
  const dev = await startAgain(folder, stateDir);
  await dev.stop();
  return leftOf(holdings);
}

function isNothing({ processes, listening, files }: LeftOver): boolean {
  return processes === 0 && listening === 0 && files === 0;
}

function describe({ processes, listening, files }: LeftOver): string {
  return `${processes} processes, ${listening} listening sockets, ${files} socket files`;
}
