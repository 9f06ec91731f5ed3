import type { CheckedConfig } from './checked.ts';

/** What each view and on-demand feature needs to be read first, and an order in which all of that comes before. */
export interface Needs {
  /** Names as expressions read them: `instance.id`, `plane.year`, `plane_age`. */
  readsOf: (name: string) => readonly string[];
  /** Names of views and on-demand features, each behind what it needs; a circle begins anywhere. */
  inOrder: readonly string[];
}

/** The root of a name of the scope: a view, an on-demand feature, `instance` or `request`. */
export function rootOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}

export function readNeeds({ keys, onDemand }: Pick<CheckedConfig, 'keys' | 'onDemand'>): Needs {
  const readsOf = (name: string): readonly string[] =>
    keys.get(name)?.flatMap(({ expression }) => expression.reads) ?? onDemand.get(name)?.reads ?? [];
  const inOrder = new Set<string>();
  const seen = new Set<string>();
  for (const start of [...keys.keys(), ...onDemand.keys()]) {
    // Depth first without recursion, so that no chain is too long.
    const way = [start];
    for (let name = way.at(-1); name !== undefined; name = way.at(-1)) {
      const left = seen.has(name) ? undefined : readsOf(name).map(rootOf);
      seen.add(name);
      const next = left?.filter((need) => !seen.has(need) && (keys.has(need) || onDemand.has(need))) ?? [];
      if (next.length > 0) way.push(...next);
      else {
        inOrder.add(name);
        way.pop();
      }
    }
  }
  return { readsOf, inOrder: [...inOrder] };
}
