import type { ModelPlan, Plan } from '../plan.ts';
import { changed, type Change, type Sides } from './change.ts';

/** The models that read something, by where it stands in the YAML (`views.plane`, `inputs.instance.id`, `stores.online`). */
export function modelsByRead(plans: readonly Plan[]): ReadonlyMap<string, ReadonlySet<string>> {
  const readers = new Map<string, Set<string>>();
  for (const plan of plans) {
    const inputs = new Map([...plan.requestInputs, ...plan.instanceInputs].map(({ slot, name }) => [slot, name]));
    for (const model of plan.models.values()) {
      for (const read of readsOf(model, inputs)) {
        const models = readers.get(read) ?? new Set();
        readers.set(read, models.add(model.name));
      }
    }
  }
  return readers;
}

function readsOf(model: ModelPlan, inputs: ReadonlyMap<number, string>): string[] {
  return [
    `models.${model.name}`,
    ...[...model.inputs].map((slot) => `inputs.${inputs.get(slot)}`),
    ...model.levels.flatMap(({ computes, calls, fetches }) => [
      ...[...computes, ...calls].map(({ name }) => `onDemand.${name}`),
      ...fetches.flatMap(({ view: { name, origin } }) => [
        `views.${name}`,
        origin.kind === 'store' ? `stores.${origin.store}` : `services.${origin.service}`,
      ]),
    ]),
  ];
}

/**
 * What a model reads for a request that it did not read, or reads no longer, and how many reads wait for each other: that
 * is what a feature, a key or an expression costs, wherever the change stands.
 */
export function compareReads({ before, after }: Sides['plans']): Change[] {
  return [...after.models.values()].flatMap((model) => {
    const old = before.models.get(model.name);
    if (old === undefined) return [];
    const path = ['models', model.name, 'features'];
    const [was, is] = [viewsOf(old), viewsOf(model)];
    const [rounds, newRounds] = [roundsOf(old), roundsOf(model)];
    return [
      ...is
        .filter((view) => !was.includes(view))
        .map((view) => changed(path, undefined, `reads the view \`${view}\` too`)),
      ...was
        .filter((view) => !is.includes(view))
        .map((view) => changed(path, undefined, `no longer reads the view \`${view}\``)),
      ...(rounds === newRounds
        ? []
        : [changed(path, undefined, `reads that wait for each other: ${rounds} → ${newRounds}`)]),
    ];
  });
}

function viewsOf({ levels }: ModelPlan): string[] {
  return levels.flatMap(({ fetches }) => fetches.map(({ view }) => view.name));
}

function roundsOf({ levels }: ModelPlan): number {
  return levels.filter(({ fetches }) => fetches.length > 0).length;
}
