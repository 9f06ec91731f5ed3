import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { hostsOf } from '../../e2e/processes.ts';
import type { Random } from '../random.ts';
import { Clients, type Answered } from './clients.ts';
import type { Harm } from './harms.ts';
import { DEADLINE_MS, urlOf, type Harmed, type Hosting, type Model } from './project.ts';

export const CLIENTS = 32;
/** What an answer may come after the deadline beside the time for which the clients' own event loop stood still. */
export const GRACE_MS = 100;
/** Between two harms: a process that ends as soon as it is loaded is started ever later, and that is another matter. */
const HEALTHY_MS = 1200;
/** How long it is watched whether right answers go on. */
const AFTERWARDS_MS = 500;
const GIVE_UP_MS = 20_000;

/** What became of one harm. */
export interface Round {
  answered: readonly Answered[];
  /** From the harm's end until each client, and each process, gave right answers only; infinite where that took too long. */
  backMs: number;
  /** Answers that came later than the deadline and the grace. */
  late: number;
  /** How long the longest took, and the clients' own event loop stood still at most. */
  longestMs: number;
  ownMs: number;
  /** The answer to the request that did the harm, where one did. */
  harmful: Answered | undefined;
  /** Whether the struck process lives on where it shall, and is another where it shall not. */
  isRightProcess: boolean;
}

/** One harm under clients who ask the struck model, from all being well until all is well again. */
export async function runRound(
  harm: Harm,
  model: Model,
  { dev }: Harmed,
  { replicas }: Hosting,
  random: Random,
): Promise<Round> {
  const ownLoop = monitorEventLoopDelay({ resolution: 1 });
  const url = urlOf(dev, model);
  const clients = new Clients(url, CLIENTS, random);
  await untilWell(clients, replicas, performance.now());
  await delay(HEALTHY_MS);
  const hosts = hostsOf(dev.pid, model);
  ownLoop.enable();
  const struckMs = performance.now();
  const { endedMs, answer } = await harm.strike({ url, hosts, random, signal: AbortSignal.timeout(GIVE_UP_MS) });
  const isBack = await untilWell(clients, replicas, Math.max(endedMs, performance.now()));
  await delay(AFTERWARDS_MS);
  ownLoop.disable();
  const answered = (await clients.stop()).filter(({ arrivedMs }) => arrivedMs >= struckMs);
  const now = hostsOf(dev.pid, model);
  const isSame = hosts.every((host) => now.includes(host));
  const ownMs = ownLoop.max / 1e6;
  const tookMs = [...answered, ...(answer ? [answer] : [])].map((each) => each.arrivedMs - each.sentMs);
  return {
    answered,
    backMs: isBack ? backAfter(answered, endedMs, replicas) : Infinity,
    late: tookMs.filter((ms) => ms > DEADLINE_MS + GRACE_MS + ownMs).length,
    longestMs: tookMs.reduce((longest, ms) => Math.max(longest, ms), 0),
    ownMs,
    harmful: answer,
    isRightProcess: now.length === replicas && (harm.isSurvived === undefined || isSame === harm.isSurvived),
  };
}

/** Until the last answer of each client, to a request after `fromMs`, is right, and each process gave one of them. */
async function untilWell({ count, latest, answered }: Clients, replicas: number, fromMs: number): Promise<boolean> {
  const processes = new Set<number>();
  let seen = 0;
  while (performance.now() - fromMs < GIVE_UP_MS) {
    for (; seen < answered.length; seen++) {
      const { sentMs, verdict } = answered[seen];
      if (sentMs >= fromMs && verdict.kind === 'right') processes.add(verdict.process);
    }
    const isWell = ({ sentMs, verdict }: Answered): boolean => sentMs >= fromMs && verdict.kind === 'right';
    if (processes.size === replicas && latest.length === count && latest.every(isWell)) return true;
    await delay(5);
  }
  return false;
}

/** When the last of all clients had its first answer after which it had right ones only, and each process gave one. */
function backAfter(answered: readonly Answered[], endedMs: number, replicas: number): number {
  const backMs = new Map<number, number>();
  const processes = new Map<number, number>();
  for (const { client, sentMs, arrivedMs, verdict } of answered) {
    if (verdict.kind !== 'right') backMs.delete(client);
    else if (sentMs >= endedMs) {
      if (!backMs.has(client)) backMs.set(client, arrivedMs);
      if (!processes.has(verdict.process)) processes.set(verdict.process, arrivedMs);
    }
  }
  if (backMs.size < CLIENTS || processes.size < replicas) return Infinity;
  return Math.max(...backMs.values(), ...processes.values()) - endedMs;
}
