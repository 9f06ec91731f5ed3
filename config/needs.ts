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

export function readNeeds({
  keys,
  onDemand,
  functions,
}: Pick<CheckedConfig, 'keys' | 'onDemand' | 'functions'>): Needs {
  const names = [...new Set([...keys.keys(), ...onDemand.keys(), ...functions.keys()])];
  const readsOf = (name: string): readonly string[] => [
    ...(keys.get(name) ?? []).flatMap(({ expression }) => expression.reads),
    ...(onDemand.get(name)?.reads ?? []),
    ...(functions.get(name)?.reads ?? []),
  ];
  const needsOf = (name: string): readonly string[] =>
    readsOf(name)
      .map(rootOf)
      .filter((root) => keys.has(root) || onDemand.has(root) || functions.has(root));
  return { names, readsOf, needsOf, inOrder: orderOf(names, needsOf) };
}

/** The roots of these names, and of all that they read through views and on-demand features. */
export function reachedFrom(names: readonly string[], readsOf: Needs['readsOf']): Set<string> {
  const reached = new Set<string>();
  const left = [...names];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const root = rootOf(next);
    if (reached.has(root)) continue;
    reached.add(root);
    left.push(...readsOf(root));
  }
  return reached;
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
