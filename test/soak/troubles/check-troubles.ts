import type { Line } from '../report.ts';
import { askInLoop, describe, judgeArrived } from './load.ts';
import { inTurn, type ToldCase } from './told-cases.ts';
import type { Seen, Trouble, Variant } from './trouble.ts';
import { DEADLINE_MS, FRESH_WITHIN_MS, runTrouble, type Rig } from './trouble-run.ts';

/** Enough to keep two cores busy, few enough that nobody waits for long. */
const LOOP_CLIENTS = 8;
const WARM_MS = 2000;
const MEASURED_MS = 4000;
/** Of the answers at the maximum: it is none where many are late. */
const LEAST_FRESH = 0.99;

export interface Troubles<Subject> {
  /** What does wrong, as the claims name it: `weather`. */
  subject: string;
  variants: readonly Variant<Subject>[];
  troubles: readonly Trouble<Subject>[];
}

/** Every trouble at half of the measured maximum rate of its variant; each variant's own subject meets them in turn. */
export async function checkTroubles<Subject>(
  { subject, variants, troubles }: Troubles<Subject>,
  cases: readonly ToldCase[],
): Promise<Line[]> {
  const seen = new Map<string, Seen[]>();
  const rates: Line[] = [];
  for (const { name, run } of variants) {
    await using running = await run();
    const rig: Rig<Subject> = { ...running, name, cases: inTurn(cases), perSecond: 0 };
    const { perSecond, line } = await measureMaximum(subject, rig);
    rates.push(line);
    for (const trouble of troubles) {
      console.error(`${name}: ${subject} ${trouble.name}`);
      const result = await runTrouble(trouble, { ...rig, perSecond: perSecond / 2 });
      console.error(`  ${result.holds ? 'holds' : 'DOES NOT HOLD'}: ${result.seen}`);
      seen.set(trouble.name, [...(seen.get(trouble.name) ?? []), result]);
    }
  }
  const kept = `p99 ≤ ${DEADLINE_MS + 20} ms, fresh again within ${FRESH_WITHIN_MS / 1000} s of its own recovery`;
  const faults = troubles.map(({ name, isHarmless }) => {
    const results = seen.get(name)!;
    const what = isHarmless
      ? 'every answer is right, and nothing is defaulted'
      : 'every answer is right, told or a clear error';
    return {
      claim: `${subject} ${name}: ${what}, ${kept}`,
      seen: results.map((each) => each.seen).join('; '),
      holds: results.every(({ holds }) => holds),
    };
  });
  return [...rates, ...faults];
}

/** The most boards a second that the example answers while all is well. */
async function measureMaximum<Subject>(
  subject: string,
  { name, url, cases }: Rig<Subject>,
): Promise<{ perSecond: number; line: Line }> {
  console.error(`${name}: the maximum rate`);
  await askInLoop(url, LOOP_CLIENTS, cases, WARM_MS);
  const startedMs = performance.now();
  const arrived = await askInLoop(url, LOOP_CLIENTS, cases, MEASURED_MS);
  const perSecond = (arrived.length * 1000) / (performance.now() - startedMs);
  const judged = await judgeArrived(arrived);
  const fresh = judged.filter(({ verdict: { kind } }) => kind === 'fresh');
  return {
    perSecond,
    line: {
      claim: `boards of at most 100 departures, closed loop of ${LOOP_CLIENTS} clients, ${subject} ${name}: the maximum, of which half is asked below`,
      seen: `${Math.round(perSecond)} boards/s; ${describe(judged)}`,
      holds: fresh.length >= judged.length * LEAST_FRESH,
    },
  };
}
