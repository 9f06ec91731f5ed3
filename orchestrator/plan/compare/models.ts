import { changed, type Change, type Comparer, type Sides } from './change.ts';
import { compareSetting, valueAt } from './settings.ts';

/** A model that comes or goes; what both have is compared key by key. */
export const compareModel: Comparer = ({ before, after }, path) => {
  const name = path[1] ?? '';
  const [old, now] = [before, after].map(({ config }) => Object.hasOwn(config.models, name));
  if (old && now) return undefined;
  return [now ? changed(path, undefined, 'added') : changed(path, 'callers', 'removed: its route answers 404')];
};

/** The names that a prediction is made of. Without `outputs`, or with one of them, a prediction is a bare number. */
export const compareOutputs: Comparer = (sides, path) => {
  const [old, now] = outputsAt(sides, path);
  const changes: Change[] = [];
  const [oldNames, names] = [old, now].map((outputs) => Object.keys(outputs ?? {})) as [string[], string[]];
  const [wasObject, isObject] = [oldNames.length > 1, names.length > 1];
  if (wasObject !== isObject) {
    const message = isObject
      ? `a prediction is an object of ${names.join(', ')}, no longer a number`
      : `a prediction is a number, no longer an object of ${oldNames.join(', ')}`;
    changes.push(changed(path, 'callers', message));
  } else if (isObject) {
    for (const name of oldNames) {
      if (!names.includes(name)) changes.push(changed(path, 'callers', `output \`${name}\` removed`));
    }
    for (const name of names) {
      if (!oldNames.includes(name)) changes.push(changed([...path, name], undefined, `output \`${name}\` added`));
    }
  }
  const pairs =
    isObject && wasObject
      ? names.filter((name) => oldNames.includes(name)).map((name) => [name, name] as const)
      : isObject || wasObject
        ? []
        : [[oldNames[0], names[0]] as const];
  for (const [oldName, name] of pairs) {
    const [from, to] = [outputText(old, oldName), outputText(now, name)];
    if (from !== to) {
      const place = name === undefined ? path : [...path, name];
      changes.push(changed(place, undefined, `output${name === undefined ? '' : ` \`${name}\``}: ${from} → ${to}`));
    }
  }
  return changes;
};

type Outputs = Record<string, { from: string; column?: number | undefined }>;

function outputsAt({ before, after }: Sides, path: readonly string[]): [Outputs | undefined, Outputs | undefined] {
  return [before, after].map(({ config }) => valueAt(config, path)) as [Outputs | undefined, Outputs | undefined];
}

function outputText(outputs: Outputs | undefined, name: string | undefined): string {
  const output = name === undefined ? undefined : outputs?.[name];
  if (output === undefined) return "the model's single output";
  return output.column === undefined ? output.from : `column ${output.column} of ${output.from}`;
}

/** Something that answers carry only where it is set: `ids`, `ranking`. */
export function answerPart(part: string): Comparer {
  return ({ before, after }, path) => {
    const [old, now] = [valueAt(before.config, path), valueAt(after.config, path)];
    if (now === undefined) return compareSetting(path, old, now, 'callers', `answers no longer have \`${part}\``);
    return compareSetting(path, old, now, old !== undefined && part === 'ids' ? 'callers' : undefined);
  };
}
