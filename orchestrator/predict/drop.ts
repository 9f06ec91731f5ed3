import { nearestName } from '../../foundation/nearest.ts';
import { newBytes, newNumbers } from '../../foundation/slab.ts';
import { missingValue } from '../features/view-policies.ts';
import { isNumeric, newTexts, Source, stateOf, Status } from '../plan/column.ts';
import { STATE_COMPUTED_NULL, type Frame, type OverrideColumn } from '../plan/frame.ts';
import type { ModelPlan, Plan, SlotPlan, ViewPlan } from '../plan/plan.ts';
import type { InputProblems } from './input-problems.ts';

/** How many wrong names a refusal tells: looking for the nearest of each is not free. */
const MAX_TOLD = 20;

/**
 * Features that a call does without (`parameters.drop`), by name or as `view.*`: what is the answer worth without them?
 * A field of a view is as if its source had no row for the key, with its default where one is declared, and an on-demand
 * feature is null. Since the caller wants it so, no `fail` policy fails for it and nobody is told; what then is needed by
 * nothing is not read.
 */
export interface DropFeatures {
  /** Why a name cannot be dropped; undefined where it can. */
  problemOf(name: string): string | undefined;
  /** Lays what stands for the dropped features over what the call sent for them. */
  lay(names: readonly string[], frame: Frame, problems: InputProblems): void;
}

/** A feature with what it is when it is dropped. */
interface Missing {
  feature: SlotPlan;
  value: number | string | null;
  state: number;
}

export function compileDrop(plan: Plan, model: ModelPlan): DropFeatures {
  const missing = new Map(missingOf(model).map((each) => [each.feature.name, each] as const));
  const fields = new Map<string, string[]>(Array.from(plan.views, ([name, view]) => [`${name}.*`, namesOf(view)]));
  const inputs = new Map(
    [...plan.requestInputs, ...plan.instanceInputs].flatMap(({ name, field }) => [
      [name, name] as const,
      [field, name],
    ]),
  );
  const aliases = new Map(model.features.map(({ name, slot }) => [name, slot.name] as const));

  const problemOf = (name: string): string | undefined => {
    if (plan.gathered.has(name) || fields.has(name)) return undefined;
    if (plan.views.has(name)) return `is a view: write "${name}.*" for all of its fields`;
    if (inputs.has(name) || name === 'instance.*' || name === 'request.*') {
      return 'is an input: inputs cannot be dropped, leave it out or send null';
    }
    const madeOf = aliases.get(name);
    if (madeOf !== undefined && !inputs.has(madeOf)) return `is made from "${madeOf}": drop that`;
    if (madeOf !== undefined) return `is made from the input "${madeOf}": inputs cannot be dropped`;
    const near = nearestName(name, [...fields.keys(), ...plan.gathered]);
    return near === undefined ? 'is not a feature' : `is not a feature, did you mean "${near}"?`;
  };

  return {
    problemOf,
    lay(names, frame, problems) {
      let told = 0;
      for (const [at, name] of names.entries()) {
        const problem = problemOf(name);
        if (problem === undefined) {
          for (const each of fields.get(name) ?? [name]) layMissing(missing.get(each), frame);
        } else {
          problems.ofRequest(`parameters.drop[${at}]`, problem);
          if (++told === MAX_TOLD) return;
        }
      }
    },
  };
}

const namesOf = ({ fields }: ViewPlan): string[] => fields.map(({ name }) => name);

/** All that a model gathers. What only other models need may be named too, and is nothing to this one. */
function missingOf({ levels }: ModelPlan): Missing[] {
  const none = stateOf(Status.NOT_FOUND, Source.none);
  return levels.flatMap(({ computes, calls, fetches }) => [
    ...[...computes, ...calls].map((feature): Missing => ({
      feature,
      value: isNumeric(feature.type) ? Number.NaN : null,
      state: STATE_COMPUTED_NULL,
    })),
    ...fetches.flatMap(({ view, fields }) => {
      const policy = view.onMissing === 'fail' ? 'default' : view.onMissing;
      return fields.map((feature): Missing => ({ feature, ...missingValue(feature, Status.NOT_FOUND, policy, none) }));
    }),
  ]);
}

function layMissing(missing: Missing | undefined, frame: Frame): void {
  if (missing === undefined) return;
  const { feature, value, state } = missing;
  const rows = feature.perInstance ? frame.rows : 1;
  const values = isNumeric(feature.type)
    ? newNumbers(rows).fill(value as number)
    : newTexts(rows).fill(value as string | null);
  const column: OverrideColumn = { values, states: newBytes(rows).fill(state), isDropped: true };
  (frame.overrides ??= [])[feature.slot] = column;
}
