import { measureWarm, type Cell } from '../load/cell.ts';
import type { Stack } from '../load/stack.ts';
import { usageOf } from '../load/usage.ts';
import { runLoad } from '../load/wrk.ts';
import type { CacheLoad, CacheSection } from './section.ts';

const WARM_UP_SECONDS = 1;

/** A cell of a stack with a cache. */
export interface CacheCell extends Cell {
  /** What the service was asked for by one request of the cell, on average. */
  callsARequest: number;
  keysARequest: number;
  /** CPU µs that the service took for it. */
  serviceUs: number;
}

/** Fills the cache with what the load knows of it, then measures, going on with the keys where the warm-up ended. */
export async function measureCache(
  stack: Stack,
  load: CacheLoad,
  section: CacheSection,
  seconds: number,
): Promise<CacheCell> {
  const { processes, url, name } = stack;
  const first = load.nextBody.get(stack) ?? load.bodies.length;
  const warmUp = await runLoad(url, { ...load, firstBody: first }, WARM_UP_SECONDS);
  const measured = { ...load, firstBody: first + warmUp.requests };
  const [counts, usage] = [await section.counts(), usageOf(section.servicePid)];
  const cell = await measureWarm(processes, url, measured, seconds);
  const [after, usageAfter] = [await section.counts(), usageOf(section.servicePid)];
  load.nextBody.set(stack, measured.firstBody + cell.requests);
  const share = (total: number): number => (name === 'echo' ? 0 : total / cell.requests);
  return {
    ...cell,
    callsARequest: share(after.calls - counts.calls),
    keysARequest: share(after.keys - counts.keys),
    serviceUs: share(usageAfter.cpuUs - usage.cpuUs),
  };
}
