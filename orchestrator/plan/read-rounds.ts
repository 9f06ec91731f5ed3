import type { FetchStep, Level, Origin } from './plan.ts';

/**
 * What a level asks of one place at once. All views of a store go as one multi-get, which for the embedded store is a
 * loop without a wait; a service is asked for each view by itself.
 */
export interface RoundDescription {
  kind: Origin['kind'];
  /** The store or service. */
  from: string;
  views: string[];
  /** Keys of the request, and at most so many more for each object: keys that objects share are read once. */
  keysPerRequest: number;
  keysPerObject: number;
  /** Keys that one call takes; null where one call takes them all. */
  keysPerCall: number | null;
}

/** Keys and rounds of a whole model. */
export interface ReadCost {
  keysPerRequest: number;
  keysPerObject: number;
  rounds: number;
}

export function describeRounds({ fetches }: Level): RoundDescription[] {
  const rounds = new Map<string, RoundDescription>();
  for (const { view } of fetches) {
    const { kind, from, keysPerCall, separate } = targetOf(view.origin);
    const name = JSON.stringify([kind, from, separate ? view.name : '']);
    const round = rounds.get(name) ?? { kind, from, views: [], keysPerRequest: 0, keysPerObject: 0, keysPerCall };
    rounds.set(name, round);
    round.views.push(view.name);
    if (view.perInstance) round.keysPerObject += 1;
    else round.keysPerRequest += 1;
  }
  return [...rounds.values()];
}

export function sumRounds(rounds: readonly RoundDescription[]): ReadCost {
  const sum: ReadCost = { keysPerRequest: 0, keysPerObject: 0, rounds: rounds.length };
  for (const { keysPerRequest, keysPerObject } of rounds) {
    sum.keysPerRequest += keysPerRequest;
    sum.keysPerObject += keysPerObject;
  }
  return sum;
}

/** Where a read goes, as a person says it: `online/airport`, `weather POST /observations:lookup`. */
export function originText(origin: FetchStep['view']['origin']): string {
  if (origin.kind === 'store') return `${origin.store}/${origin.table}`;
  return origin.batch ? `${origin.service} POST ${origin.batch.post}` : `${origin.service} GET ${origin.get ?? '/'}`;
}

function targetOf(origin: Origin): Pick<RoundDescription, 'kind' | 'from' | 'keysPerCall'> & { separate: boolean } {
  return origin.kind === 'store'
    ? { kind: 'store', from: origin.store, keysPerCall: null, separate: false }
    : { kind: 'service', from: origin.service, keysPerCall: origin.batch?.size ?? 1, separate: true };
}
