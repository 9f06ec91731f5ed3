import { longestReadMs } from '../../config/budget.ts';
import type { Config } from '../../config/schema.ts';
import type { Level, ModelPlan, Origin } from './plan.ts';

/** How long one level of reads may be waited for. */
interface LevelWait {
  /** Of its slowest read; null where that read has no limit of its own and the features' budget ends it. */
  ms: number | null;
  /** The slowest read, or a function; null in a level that waits for nothing. */
  view: string | null;
}

/** How long a call may take when everything that it waits for takes as long as it is allowed to. */
export interface WorstCase {
  /** Features and model together, never more than the deadline. */
  totalMs: number;
  /** The reads of all levels, one level after the other; `budget` where their limits leave it to the budget to end them. */
  features: { ms: number; boundBy: 'timeouts' | 'budget' };
  modelMs: number;
  /** True where the stages may not have all of their time: the deadline comes first. */
  cutByDeadline: boolean;
  levels: LevelWait[];
}

/**
 * Features wait for the slowest read of each level, a service's being its timeout times its tries; then the model has
 * its budget. Waiting for one of a service's `maxConcurrency` places is not counted: the features' budget ends it too.
 */
export function findWorstCase(model: ModelPlan, services: Config['services']): WorstCase {
  const levels = model.levels.map((level) => slowestRead(level, services));
  const waitMs = levels.reduce((sum, { ms }) => sum + (ms ?? Infinity), 0);
  const featuresMs = Math.min(waitMs, Math.round(model.featuresMs));
  const modelMs = Math.round(model.modelMs);
  return {
    totalMs: Math.min(model.deadlineMs, featuresMs + modelMs),
    features: { ms: featuresMs, boundBy: waitMs <= featuresMs ? 'timeouts' : 'budget' },
    modelMs,
    cutByDeadline: featuresMs + modelMs > model.deadlineMs,
    levels,
  };
}

function slowestRead({ calls, fetches }: Level, services: Config['services']): LevelWait {
  const [call] = calls;
  // A function has what the features' budget has left.
  let slowest: LevelWait = call === undefined ? { ms: 0, view: null } : { ms: null, view: call.name };
  for (const { view } of fetches) {
    const ms = longestWaitMs(view.origin, services);
    if (slowest.view === null || (ms ?? Infinity) > (slowest.ms ?? Infinity)) slowest = { ms, view: view.name };
  }
  return slowest;
}

/** Null for a store without a timeout of its own: it has what the features' budget has left. */
function longestWaitMs(origin: Origin, services: Config['services']): number | null {
  return origin.kind === 'store' ? null : longestReadMs(services[origin.service]);
}
