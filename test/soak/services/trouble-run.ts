import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { WeatherVerdict } from '../../reference/judge-weather.ts';
import type { Trouble } from './troubles.ts';
import { askAtRate, judgeArrived, type WeatherCase } from './weather-load.ts';
import type { WeatherProcess } from './weather-process.ts';

/** Of models.delay-risk in the example. */
export const DEADLINE_MS = 150;
export const FRESH_WITHIN_MS = 2000;
/** How long a service does wrong, and how long it is watched afterwards. */
const TROUBLE_MS = 2500;
const AFTERWARDS_MS = 3000;
/** Values are fresh again with the first of so many fresh answers in a row. */
const IN_A_ROW = 50;
/** Of the answers after that: on a busy machine, a well service is late now and then, too. */
const MOST_LATER = 0.01;

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

  const judged = arrived
    .map((each) => ({ ...each, verdict: judgeArrived(each) }))
    .toSorted((one, other) => one.intendedMs - other.intendedMs);
  const wrong = judged.flatMap(({ verdict }) => (verdict.kind === 'wrong' ? [verdict.reason] : []));
  wrong.slice(0, 3).forEach((reason) => console.error(`${trouble.name}, ${name}: ${reason}`));
  const meanwhile = judged.filter(({ intendedMs }) => intendedMs >= begunMs && intendedMs < mendedMs);
  const p99 = percentile(
    meanwhile.map(({ intendedMs, arrivedMs }) => arrivedMs - intendedMs),
    0.99,
  );
  const { freshAfterMs, laterShare } = freshAgain(judged, mendedMs);
  return {
    seen:
      `${name} ${describe(meanwhile.map(({ verdict }) => verdict))}, p99 ${p99.toFixed(1)} ms` +
      ` (the clients' own event loop at most ${(ownLoop.max / 1e6).toFixed(0)}), fresh ${Math.round(freshAfterMs)} ms after` +
      (laterShare > 0 ? ` but for ${(laterShare * 100).toFixed(1)} %` : ''),
    holds:
      wrong.length === 0 &&
      meanwhile.length > 0 &&
      p99 <= DEADLINE_MS + 20 &&
      freshAfterMs <= FRESH_WITHIN_MS &&
      laterShare <= MOST_LATER &&
      (trouble.isHarmless !== true || meanwhile.every(({ verdict: { kind } }) => kind === 'fresh' || kind === 'stale')),
  };
}

interface Judged {
  intendedMs: number;
  arrivedMs: number;
  verdict: WeatherVerdict;
}

/** When answers were fresh again, and the share of those after that which were not. */
function freshAgain(judged: readonly Judged[], mendedMs: number): { freshAfterMs: number; laterShare: number } {
  const afterwards = judged.filter(({ intendedMs }) => intendedMs >= mendedMs);
  const isFresh = afterwards.map(({ verdict }) => verdict.kind === 'fresh');
  let first = 0;
  for (let at = 0; at < isFresh.length && at - first < IN_A_ROW; at++) if (!isFresh[at]) first = at + 1;
  if (isFresh.length - first < IN_A_ROW) return { freshAfterMs: Infinity, laterShare: 1 };
  const later = isFresh.slice(first);
  return {
    freshAfterMs: afterwards[first].arrivedMs - mendedMs,
    laterShare: later.filter((each) => !each).length / later.length,
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
