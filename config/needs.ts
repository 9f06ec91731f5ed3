import { splitName } from '../cel/names.ts';
import type { CheckedConfig } from './checked.ts';

/** What each view and on-demand feature needs to be read first, and an order in which all of that comes before. */
export interface Needs {
  /** Views and on-demand features, in the order of the file. */
  names: readonly string[];
  /** Names as expressions read them: `instance.id`, `plane.year`, `plane_age`. */
  readsOf: (name: string) => readonly string[];
  /** Those views and on-demand features among what it reads. */
  needsOf: (name: string) => readonly string[];
  /** `names`, each behind what it needs; a circle begins anywhere. */
  inOrder: readonly string[];
}

/** The root of a name of the scope: a view, an on-demand feature, `instance` or `request`. */
export const rootOf = (name: string): string => splitName(name)[0];

export function readNeeds({ keys, onDemand }: Pick<CheckedConfig, 'keys' | 'onDemand'>): Needs {
  const names = [...new Set([...keys.keys(), ...onDemand.keys()])];
  const readsOf = (name: string): readonly string[] => [
    ...(keys.get(name) ?? []).flatMap(({ expression }) => expression.reads),
    ...(onDemand.get(name)?.reads ?? []),
  ];
  const needsOf = (name: string): readonly string[] =>
    readsOf(name)
      .map(rootOf)
      .filter((root) => keys.has(root) || onDemand.has(root));
  return { names, readsOf, needsOf, inOrder: orderOf(names, needsOf) };
}

/** Depth first without recursion, so that no chain is too long. */
function orderOf(names: readonly string[], needsOf: Needs['needsOf']): readonly string[] {
  const inOrder = new Set<string>();
  const seen = new Set<string>();
  for (const start of names) {
    const way = [start];
    for (let name = way.at(-1); name !== undefined; name = way.at(-1)) {
      const left = seen.has(name) ? [] : needsOf(name);
      seen.add(name);
      const next = left.filter((need) => !seen.has(need));
      if (next.length > 0) way.push(...next);
      else {
        inOrder.add(name);
        way.pop();
      }
    }
  }
  return [...inOrder];
}
