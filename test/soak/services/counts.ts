import { setTimeout as delay } from 'node:timers/promises';
import type { Line } from '../report.ts';
import { askInLoop, describe, judgeArrived, type Arrived } from '../troubles/load.ts';
import type { ToldCase } from '../troubles/told-cases.ts';
import { runVariant } from './running-variant.ts';

const CLIENTS = 64;
/** Long enough for the boards to be asked for several times within it. */
const TTL_MS = 10_000;
/** Rows expire up to a tenth later than configured. */
const EXPIRED_MS = TTL_MS * 1.1;
/** How often each board is asked for, cold and at expiry. */
const ROUNDS = 3;

/** Each key is fetched once while its row is fresh, and once when it no longer is: the service counts. */
export async function checkCounts(cases: readonly ToldCase[]): Promise<Line[]> {
  const cache = { ttl: `${TTL_MS}ms`, staleWhileRevalidate: '1h', staleIfError: '2h', negativeTtl: `${TTL_MS}ms` };
  await using running = await runVariant({ cache, isPatient: true });
  const { url, subject: weather } = running;
  const rounds = Array.from({ length: ROUNDS }, () => cases).flat();
  const ask = (): Promise<Arrived[]> => askInLoop(url, CLIENTS, rounds.values());
  const cold = await ask();
  const coldCounts = await weather.counts();
  const lastMs = performance.now();
  await delay(EXPIRED_MS);
  await weather.resetCounts();
  const expired = await ask();
  const expiredCounts = await weather.counts();
  const [coldSeen, expiredSeen] = [await judgeArrived(cold), await judgeArrived(expired)];
  return [
    {
      claim: `${CLIENTS} clients over the 200 boards in parts of at most 100 departures, each asked for ${ROUNDS} times, cold: the service is asked for no key twice within its ttl`,
      seen: `${coldCounts.lookup.keys} keys in ${coldCounts.lookup.calls} calls for ${coldCounts.distinctKeys} different keys, at most ${coldCounts.mostOfOneKey} time each; ${describe(coldSeen)}`,
      holds:
        coldCounts.distinctKeys > 0 &&
        coldCounts.lookup.keys === coldCounts.distinctKeys &&
        coldCounts.mostOfOneKey === 1 &&
        coldSeen.every(({ verdict }) => verdict.kind !== 'wrong'),
    },
    {
      claim: `the same when all have expired: exactly one refresh a key`,
      seen: `${expiredCounts.lookup.keys} keys in ${expiredCounts.lookup.calls} calls for ${expiredCounts.distinctKeys} different keys, at most ${expiredCounts.mostOfOneKey} time each, ${((performance.now() - lastMs - EXPIRED_MS) / 1000).toFixed(1)} s; ${describe(expiredSeen)}`,
      holds:
        expiredCounts.distinctKeys === coldCounts.distinctKeys &&
        expiredCounts.lookup.keys === coldCounts.distinctKeys &&
        expiredCounts.mostOfOneKey === 1 &&
        expiredSeen.every(({ verdict: { kind } }) => kind === 'fresh' || kind === 'stale'),
    },
  ];
}
