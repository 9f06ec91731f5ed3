import { setTimeout as delay } from 'node:timers/promises';
import { isGone, residentMb, stateOf } from '../../e2e/processes.ts';
import type { Random } from '../random.ts';
import { askOnce, type Answered } from './clients.ts';
import { HANG_AFTER_MS, type Hosting, type Model } from './project.ts';

const PAUSE_MS = 2000;
/** What the machine's own killer would be for a process that takes all memory. */
const MOST_MB = 600;

/** What a harm is done to. */
interface Struck {
  /** Of `:predict`. */
  url: string;
  /** The processes that host the model. */
  hosts: readonly number[];
  random: Random;
  /** Aborted where it takes too long to do harm. */
  signal: AbortSignal;
}

interface Harmful {
  /** From when it is counted how long right answers take: `performance.now()`. */
  endedMs: number;
  /** The answer to the request that did it; undefined where none did. */
  answer?: Answered;
}

/** A way to harm a process that hosts a predictor. */
export interface Harm {
  name: string;
  /** Those that are struck, in turn. */
  models: readonly Model[];
  /** Whether the process lives on: an error of one call is no reason to end it. Undefined: it may do either. */
  isSurvived: boolean | undefined;
  languages: readonly Hosting['language'][];
  strike(struck: Struck): Promise<Harmful>;
}

const BOTH: readonly Model[] = ['guarded', 'plain'];
const ALL: readonly Hosting['language'][] = ['Python', 'TypeScript'];

/** Every harm. `hangAfter` is the supervisor's to wait: what hangs is counted from then on. */
export const HARMS: readonly Harm[] = [
  {
    name: 'kill -9',
    models: BOTH,
    isSurvived: false,
    languages: ALL,
    async strike({ hosts: [host] }) {
      process.kill(host, 'SIGKILL');
      return { endedMs: performance.now() };
    },
  },
  {
    name: `SIGSTOP, and SIGCONT ${PAUSE_MS / 1000} s later (hangAfter 10 s)`,
    models: ['patient'],
    isSurvived: true,
    languages: ALL,
    async strike({ hosts: [host] }) {
      await stopProcess(host);
      await delay(PAUSE_MS);
      process.kill(host, 'SIGCONT');
      return { endedMs: performance.now() };
    },
  },
  {
    name: 'SIGSTOP for good',
    models: BOTH,
    isSurvived: false,
    languages: ALL,
    async strike({ hosts: [host] }) {
      await stopProcess(host);
      return { endedMs: performance.now() + HANG_AFTER_MS };
    },
  },
  {
    name: 'memory hog, ended by a killer',
    models: BOTH,
    isSurvived: false,
    languages: ALL,
    async strike({ url, hosts, random, signal }) {
      const asked = askOnce(url, random, 'hog');
      const endedMs = await killWhoTakesAll(hosts, signal);
      return { endedMs, answer: await asked };
    },
  },
  limited('memory hog, up to its own limit (RLIMIT_AS) in large arrays', 'hog-to-limit', true),
  // Then others of the process find no memory either, and who has lost something ends the process.
  limited('memory hog, up to the last byte of its own limit', 'hog-to-last-byte', undefined),
  {
    name: "memory hog, up to V8's limit",
    models: BOTH,
    isSurvived: false,
    languages: ['TypeScript'],
    async strike({ url, hosts, random, signal }) {
      const asked = askOnce(url, random, 'hog-to-limit');
      const endedMs = await untilOneIsGone(hosts, signal);
      return { endedMs, answer: await asked };
    },
  },
  endless('endless loop', 'loop', ALL),
  endless("endless loop in C, with the interpreter's lock held", 'loop-in-c', ['Python']),
];

function limited(name: string, what: string, isSurvived: boolean | undefined): Harm {
  return {
    name,
    models: BOTH,
    isSurvived,
    languages: ['Python'],
    async strike({ url, random }) {
      const answer = await askOnce(url, random, what);
      return { endedMs: answer.arrivedMs, answer };
    },
  };
}

function endless(name: string, what: string, languages: Harm['languages']): Harm {
  return {
    name,
    models: BOTH,
    isSurvived: false,
    languages,
    async strike({ url, random }) {
      const endedMs = performance.now() + HANG_AFTER_MS;
      return { endedMs, answer: await askOnce(url, random, what) };
    },
  };
}

async function stopProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  while (stateOf(pid) !== 'T') await delay(1);
}

/** Kills the first that has too much resident, as the kernel does where memory is scarce. */
async function killWhoTakesAll(hosts: readonly number[], signal: AbortSignal): Promise<number> {
  for (; ; signal.throwIfAborted()) {
    for (const host of hosts) {
      if ((residentMb(host) ?? 0) < MOST_MB) continue;
      process.kill(host, 'SIGKILL');
      return performance.now();
    }
    if (hosts.some(isGone)) return performance.now();
    await delay(2);
  }
}

async function untilOneIsGone(hosts: readonly number[], signal: AbortSignal): Promise<number> {
  while (!hosts.some(isGone)) await delay(2, undefined, { signal });
  return performance.now();
}
