import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { askAtRate, describe, judgeArrived, type Judged } from './load.ts';
import type { ToldCase } from './told-cases.ts';
import type { Running, Seen, Trouble } from './trouble.ts';

/** Of models.delay-risk in the example. */
export const DEADLINE_MS = 150;
export const FRESH_WITHIN_MS = 2000;
const LASTS_MS = 2500;
/** How long it is watched once it is mended. */
const AFTERWARDS_MS = 3000;
/** Values are fresh again with the first of so many fresh answers in a row. */
const IN_A_ROW = 50;
/** Of the answers after that: on a busy machine, what is well is late now and then, too. */
const MOST_LATER = 0.01;

/** What is loaded at which rate. */
export interface Rig<Subject> extends Pick<Running<Subject>, 'url' | 'subject'> {
  name: string;
  cases: Iterator<ToldCase>;
  perSecond: number;
}

/** One trouble under a constant rate of boards, and what became of the answers. */
export async function runTrouble<Subject>(
  trouble: Trouble<Subject>,
  { name, url, subject, cases, perSecond }: Rig<Subject>,
): Promise<Seen> {
  const ownLoop = monitorEventLoopDelay({ resolution: 1 });
  const load = new AbortController();
  ownLoop.enable();
  const asking = askAtRate(url, perSecond, cases, load.signal);
  await trouble.begin(subject);
  const begunMs = performance.now();
  await delay(trouble.lastsMs ?? LASTS_MS);
  await trouble.mend(subject);
  const mendedMs = performance.now();
  await delay(AFTERWARDS_MS);
  load.abort();
  const arrived = await asking;
  ownLoop.disable();

  const judged = await judgeArrived(arrived);
  const wrong = judged.flatMap(({ verdict }) => (verdict.kind === 'wrong' ? [verdict.reason] : []));
  wrong.slice(0, 3).forEach((reason) => console.error(`${trouble.name}, ${name}: ${reason}`));
  const meanwhile = judged.filter(({ intendedMs }) => intendedMs >= begunMs && intendedMs < mendedMs);
  const p99 = percentile(
    meanwhile.map(({ intendedMs, arrivedMs }) => arrivedMs - intendedMs),
    0.99,
  );
  const { freshAfterMs, laterShare } = freshAgain(judged, mendedMs);
  const outcome = await trouble.outcome?.();
  return {
    seen:
      `${name} ${((mendedMs - begunMs) / 1000).toFixed(1)} s: ${describe(meanwhile)}, p99 ${p99.toFixed(1)} ms` +
      ` (the clients' own event loop at most ${(ownLoop.max / 1e6).toFixed(0)}), fresh ${Math.round(freshAfterMs)} ms after` +
      (laterShare > 0 ? ` but for ${(laterShare * 100).toFixed(1)} %` : '') +
      (outcome === undefined ? '' : `, ${outcome.seen}`),
    holds:
      wrong.length === 0 &&
      meanwhile.length > 0 &&
      p99 <= DEADLINE_MS + 20 &&
      freshAfterMs <= FRESH_WITHIN_MS &&
      laterShare <= MOST_LATER &&
      (trouble.isHarmless !== true ||
        meanwhile.every(({ verdict: { kind } }) => kind === 'fresh' || kind === 'stale')) &&
      outcome?.holds !== false,
  };
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

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;
}
