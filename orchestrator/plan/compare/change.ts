import type { CheckedConfig } from '../../../config/checked.ts';
import type { Plan } from '../plan.ts';

/**
 * Whom a change breaks: services that call, as they are; the model, as it was trained; the rows that the stores hold,
 * under the keys and types that they have.
 */
export type Breaks = 'callers' | 'model' | 'rows';

/** One thing that differs between two configurations. */
export interface Change {
  /** Undefined where nothing breaks: what happens is another, or there is more than there was. */
  breaks: Breaks | undefined;
  /** In the YAML of the new configuration; of what is gone, where it was. */
  path: readonly (string | number)[];
  /** What it was and what it is, without the names that the path begins with (`views.plane`, `models.m`). */
  message: string;
}

/** The two configurations, and what each compiles to. */
export interface Sides {
  before: CheckedConfig;
  after: CheckedConfig;
  plans: { before: Plan; after: Plan };
}

/**
 * Compares what stands at a path of either configuration, and what is below it. Undefined: nothing is said of it as a
 * whole, and what is below is compared by itself.
 */
export type Comparer = (sides: Sides, path: readonly string[]) => Change[] | undefined;

export function changed(path: readonly (string | number)[], breaks: Breaks | undefined, message: string): Change {
  return { breaks, path, message };
}
