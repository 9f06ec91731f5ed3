import type { CheckedConfig } from '../../../config/checked.ts';
import { changed, type Comparer } from './change.ts';
import { valueAt } from './settings.ts';

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

/** The features that a caller may send itself. */
export const compareOverrides: Comparer = ({ before, after }, path) => {
  const [old, now] = [before, after].map((side) => new Set(valueAt(side.config, path) as string[])) as [
    Set<string>,
    Set<string>,
  ];
  const gone = [...old].filter((name) => !now.has(name));
  return [
    ...gone.map((name) => changed(path, 'callers', `\`${name}\` may no longer be sent`)),
    ...after.config.overrides.flatMap((name, index) =>
      old.has(name) ? [] : [changed([...path, index], undefined, `\`${name}\` may be sent by callers`)],
    ),
  ];
};

function inputAt({ config }: CheckedConfig, side: 'request' | 'instance', name: string) {
  const inputs = config.inputs[side];
  return Object.hasOwn(inputs, name) ? inputs[name] : undefined;
}
