import type { Line } from '../report.ts';
import { runVariant } from './running-variant.ts';
import { DEADLINE_MS, describe, FRESH_WITHIN_MS, runTrouble, type Rig, type TroubleSeen } from './trouble-run.ts';
import { TROUBLES } from './troubles.ts';
import { askInLoop, inTurn, judgeArrived, type WeatherCase } from './weather-load.ts';

/** Enough to keep two cores busy, few enough that nobody waits for long. */
const LOOP_CLIENTS = 8;
const WARM_MS = 2000;
const MEASURED_MS = 4000;
/** Of the answers at the maximum: it is none where many are late. */
const LEAST_FRESH = 0.99;

/**
 * Without a cache each answer needs the service. With one of so short a `ttl` nearly each does, and has a stale row
 * where the service gives none.
 */
const VARIANTS = [
  { name: 'without a cache', cache: undefined },
  { name: 'with a cache', cache: { ttl: '500ms', staleIfError: '2h', negativeTtl: '30s' } },
];

/** Every trouble at half of the measured maximum rate, without and with a cache. */
export async function checkFaults(cases: readonly WeatherCase[]): Promise<Line[]> {
  const seen = new Map<string, TroubleSeen[]>();
  const rates: Line[] = [];
  for (const { name, cache } of VARIANTS) {
    await using running = await runVariant({ cache });
    const rig: Rig = { ...running, name, cases: inTurn(cases), perSecond: 0 };
    const { perSecond, line } = await measureMaximum(rig);
    rates.push(line);
    for (const trouble of TROUBLES) {
      console.error(`${name}: ${trouble.name}`);
      const result = await runTrouble(trouble, { ...rig, perSecond: perSecond / 2 });
      console.error(`  ${result.holds ? 'holds' : 'DOES NOT HOLD'}: ${result.seen}`);
      seen.set(trouble.name, [...(seen.get(trouble.name) ?? []), result]);
    }
  }
  const kept = `p99 ≤ ${DEADLINE_MS + 20} ms, fresh again within ${FRESH_WITHIN_MS / 1000} s`;
  const faults = TROUBLES.map(({ name, isHarmless }) => {
    const results = seen.get(name)!;
    const what = isHarmless
      ? 'every answer is right, and nothing is defaulted'
      : 'every answer is right, told or a clear error';
    return {
      claim: `weather ${name}: ${what}, ${kept}`,
      seen: results.map((each) => each.seen).join('; '),
      holds: results.every(({ holds }) => holds),
    };
  });
  return [...rates, ...faults];
}

/** The most boards a second that the example answers while its weather service is well. */
async function measureMaximum({ name, url, cases }: Rig): Promise<{ perSecond: number; line: Line }> {
  console.error(`${name}: the maximum rate`);
  await askInLoop(url, LOOP_CLIENTS, cases, WARM_MS);
  const startedMs = performance.now();
  const arrived = await askInLoop(url, LOOP_CLIENTS, cases, MEASURED_MS);
  const perSecond = (arrived.length * 1000) / (performance.now() - startedMs);
  const verdicts = arrived.map(judgeArrived);
  return {
    perSecond,
    line: {
      claim: `whole boards, closed loop of ${LOOP_CLIENTS} clients, weather ${name}: the maximum, of which half is asked below`,
      seen: `${Math.round(perSecond)} boards/s; ${describe(verdicts)}`,
      holds: verdicts.filter(({ kind }) => kind === 'fresh').length >= verdicts.length * LEAST_FRESH,
    },
  };
}
