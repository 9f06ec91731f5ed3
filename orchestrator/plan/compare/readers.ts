import type { ModelPlan, Plan } from '../plan.ts';

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
    ...model.levels.flatMap(({ computes, fetches }) => [
      ...computes.map(({ name }) => `onDemand.${name}`),
      ...fetches.flatMap(({ view: { name, origin } }) => [
        `views.${name}`,
        origin.kind === 'store' ? `stores.${origin.store}` : `services.${origin.service}`,
      ]),
    ]),
  ];
}
