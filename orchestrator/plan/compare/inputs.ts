import type { CheckedConfig } from '../../../config/checked.ts';
import type { SlotPlan } from '../plan.ts';
import { changed, type Comparer } from './change.ts';

/** One input, of the request or of an instance. */
export const compareInput: Comparer = ({ before, after }, path) => {
  const [, side, name] = path as [string, 'request' | 'instance', string];
  const [old, now] = [inputAt(before, side, name), inputAt(after, side, name)];
  const called = `${side}.${name}`;
  if (old === undefined && now === undefined) return [];
  if (old === undefined) {
    const message = `\`${called}\` added, ${now!.type}, ${now!.optional ? 'optional' : 'required'}`;
    return [changed(path, now!.optional ? undefined : 'callers', message)];
  }
  if (now === undefined) {
    const { extra } = after.config.inputs;
    const what = extra === 'refuse' ? 'a request that has it is refused' : 'a request that has it is still answered';
    return [changed(path, extra === 'refuse' ? 'callers' : undefined, `\`${called}\` removed: ${what}`)];
  }
  return [
    ...(old.type === now.type ? [] : [changed(path, 'callers', `\`${called}\`: ${old.type} → ${now.type}`)]),
    ...(old.optional === now.optional
      ? []
      : [
          changed(
            path,
            now.optional ? undefined : 'callers',
            `\`${called}\`: ${now.optional ? 'required → optional' : 'optional → required'}`,
          ),
        ]),
  ];
};

/** Fields that are not declared: refused or ignored. */
export const compareExtra: Comparer = ({ before, after }, path) => {
  if (before.config.inputs.extra === after.config.inputs.extra) return [];
  const isRefused = after.config.inputs.extra === 'refuse';
  const message = isRefused
    ? 'a field that is not declared is now refused: ignore → refuse'
    : 'a field that is not declared is now ignored: refuse → ignore';
  return [changed(path, isRefused ? 'callers' : undefined, message)];
};

/** The features that a caller may send itself, with their types, in each instance or once in `request`. */
export const compareOverrides: Comparer = ({ before, after, plans }, path) => {
  const [old, now] = [before, after].map(({ config }) => config.overrides) as [string[], string[]];
  const [oldSlots, slots] = [plans.before, plans.after].map(
    ({ overrides }) => new Map(overrides.map((slot) => [slot.name, slot])),
  ) as [Map<string, SlotPlan>, Map<string, SlotPlan>];
  return [
    ...old.flatMap((name) =>
      now.includes(name) ? [] : [changed(path, 'callers', `\`${name}\` may no longer be sent`)],
    ),
    ...now.flatMap((name, index) => {
      const place = [...path, index];
      if (!old.includes(name)) return [changed(place, undefined, `\`${name}\` may be sent by callers`)];
      return compareSlots(oldSlots.get(name), slots.get(name)).map((how) =>
        changed(place, 'callers', `\`${name}\`: ${how}`),
      );
    }),
  ];
};

function compareSlots(old: SlotPlan | undefined, now: SlotPlan | undefined): string[] {
  if (old === undefined || now === undefined) return [];
  const differences = old.type === now.type ? [] : [`${old.type} → ${now.type}`];
  if (old.perInstance !== now.perInstance) {
    differences.push(
      now.perInstance
        ? 'sent in each instance, no longer in `request`'
        : 'sent in `request`, no longer in each instance',
    );
  }
  return differences;
}

function inputAt({ config }: CheckedConfig, side: 'request' | 'instance', name: string) {
  const inputs = config.inputs[side];
  return Object.hasOwn(inputs, name) ? inputs[name] : undefined;
}
