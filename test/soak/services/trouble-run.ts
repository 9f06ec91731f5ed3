import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Trouble } from './troubles.ts';
import { askAtRate, judgeArrived, type WeatherCase } from './weather-load.ts';
import type { WeatherProcess } from './weather-process.ts';

/** Of models.delay-risk in the example. */
export const DEADLINE_MS = 150;
export const FRESH_WITHIN_MS = 2000;
/** How long a service does wrong, and how long it is watched afterwards. */
const TROUBLE_MS = 3000;
const AFTERWARDS_MS = 2500;

/** What is loaded at which rate: the example over one service, with or without a cache. */
export interface Rig {
  name: string;
  url: string;
  weather: WeatherProcess;
  cases: Iterator<WeatherCase>;
  perSecond: number;
}

export interface TroubleSeen {
  seen: string;
  holds: boolean;
}

/** One trouble under a constant rate of boards, and what became of the answers. */
export async function runTrouble(
  trouble: Trouble,
  { name, url, weather, cases, perSecond }: Rig,
): Promise<TroubleSeen> {
  const ownLoop = monitorEventLoopDelay({ resolution: 1 });
  const load = new AbortController();
  ownLoop.enable();
  const asking = askAtRate(url, perSecond, cases, load.signal);
  await trouble.begin(weather);
  const begunMs = performance.now();
  await delay(TROUBLE_MS);
  await trouble.mend(weather);
  const mendedMs = performance.now();
  await delay(AFTERWARDS_MS);
  load.abort();
  const arrived = await asking;
  ownLoop.disable();

  const judged = arrived.map((each) => ({ ...each, verdict: judgeArrived(each) }));
  const wrong = judged.flatMap(({ verdict }) => (verdict.kind === 'wrong' ? [verdict.reason] : []));
  wrong.slice(0, 3).forEach((reason) => console.error(`${trouble.name}, ${name}: ${reason}`));
  const meanwhile = judged.filter(({ intendedMs }) => intendedMs >= begunMs && intendedMs < mendedMs);
  const p99 = percentile(
    meanwhile.map(({ intendedMs, arrivedMs }) => arrivedMs - intendedMs),
    0.99,
  );
  const lastMs = Math.max(0, ...judged.map((each) => (each.verdict.kind === 'fresh' ? 0 : each.intendedMs - mendedMs)));
  const isFresh = meanwhile.every(({ verdict }) => verdict.kind === 'fresh');
  return {
    seen:
      `${name} ${describe(meanwhile.map(({ verdict }) => verdict))}, p99 ${p99.toFixed(1)} ms` +
      ` (the clients' own event loop at most ${(ownLoop.max / 1e6).toFixed(0)}), all fresh ${Math.round(lastMs)} ms after`,
    holds:
      wrong.length === 0 &&
      meanwhile.length > 0 &&
      p99 <= DEADLINE_MS + 20 &&
      lastMs <= FRESH_WITHIN_MS &&
      (isFresh || trouble.isHarmless !== true),
  };
}

/** `612 fresh, 20 stale, 3 fallback DEADLINE_EXCEEDED, 0 wrong` */
export function describe(verdicts: readonly { kind: string; code?: string }[]): string {
  const counts = new Map<string, number>();
  for (const { kind, code } of verdicts) {
    const name = code === undefined ? kind : `${kind} ${code}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const wrong = counts.get('wrong') ?? 0;
  counts.delete('wrong');
  return [...[...counts].map(([name, count]) => `${count} ${name}`), `${wrong} wrong`].join(', ');
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;
}
