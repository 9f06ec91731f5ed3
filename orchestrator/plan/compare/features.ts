import type { CheckedFeature } from '../../../config/checked.ts';
import { changed, type Change, type Comparer } from './change.ts';

/** Examples of what moved; the place says where to read the rest. */
const MAX_LISTED = 4;

/**
 * The columns of a model's input: what is there, in which order, of which type, by which codes. Where they are those that
 * the model's own file names, other ones come with another model, and break nothing.
 */
export const compareFeatures: Comparer = ({ before, after }, path) => {
  const model = path[1] ?? '';
  const old = before.features.get(model) ?? [];
  const now = after.features.get(model) ?? [];
  const oldByName = new Map(old.map((feature) => [feature.name, feature]));
  const names = new Set(now.map(({ name }) => name));
  const isPicking = after.picking.has(model);
  const all = [
    ...old.flatMap(({ name }, index) =>
      names.has(name) ? [] : [changed(path, 'model', `feature \`${name}\` removed, column ${index + 1} till now`)],
    ),
    ...compareOrder(old, now, path),
    ...now.flatMap((feature, index) => {
      const place = [...path, index];
      const same = oldByName.get(feature.name);
      if (same === undefined)
        return [changed(place, 'model', `feature \`${feature.name}\` added as column ${index + 1}`)];
      return compareFeature(same, feature).map(([breaks, message]) =>
        changed(place, breaks, `feature \`${feature.name}\`: ${message}`),
      );
    }),
  ];
  return isPicking ? all.map((change) => ({ ...change, breaks: undefined })) : all;
};

/** Whether the features that both have follow each other in another order. */
function compareOrder(
  old: readonly CheckedFeature[],
  now: readonly CheckedFeature[],
  path: readonly string[],
): Change[] {
  const [oldNames, names] = [old, now].map((list) => list.map(({ name }) => name)) as [string[], string[]];
  const was = oldNames.filter((name) => names.includes(name));
  const is = names.filter((name) => oldNames.includes(name));
  const moved = is.filter((name, index) => was[index] !== name);
  if (moved.length === 0) return [];
  const first = names.indexOf(moved[0]);
  const places = listed(moved.map((name) => `\`${name}\` ${oldNames.indexOf(name) + 1} → ${names.indexOf(name) + 1}`));
  return [changed([...path, first], 'model', `features in another order: ${places}`)];
}

function compareFeature(old: CheckedFeature, now: CheckedFeature): [Change['breaks'], string][] {
  const changes: [Change['breaks'], string][] = [];
  if (old.type !== now.type) changes.push(['model', `${old.type} → ${now.type}`]);
  if (old.from !== now.from) changes.push([undefined, `from \`${old.from}\` → \`${now.from}\``]);
  changes.push(...compareCategories(old.categories, now.categories));
  if (old.unknown !== now.unknown) changes.push([undefined, `unknown categories: ${old.unknown} → ${now.unknown}`]);
  if (old.nulls !== now.nulls) changes.push([undefined, `null among categories: ${old.nulls} → ${now.nulls}`]);
  if (old.default !== now.default) {
    changes.push([
      undefined,
      `default: ${JSON.stringify(old.default) ?? 'none'} → ${JSON.stringify(now.default) ?? 'none'}`,
    ]);
  }
  return changes;
}

/** A category's code is its index: one that is put in, or taken out, before others shifts theirs. */
function compareCategories(
  old: readonly string[] | undefined,
  now: readonly string[] | undefined,
): [Change['breaks'], string][] {
  if (old === undefined && now === undefined) return [];
  if (old === undefined) return [['model', 'sent as a category’s code, no longer as it is']];
  if (now === undefined) return [['model', 'no longer sent as a category’s code']];
  const codes = new Map(now.map((category, code) => [category, code]));
  const shifted = old.flatMap((category, code) => {
    const newCode = codes.get(category);
    return newCode === undefined || newCode === code ? [] : [`"${category}" ${code} → ${newCode}`];
  });
  const gone = old.filter((category) => !codes.has(category)).map((category) => `"${category}"`);
  const added = now.filter((category) => !old.includes(category)).map((category) => `"${category}"`);
  const reused = added.length > 0 && now.findIndex((category) => !old.includes(category)) < old.length;
  const changes: [Change['breaks'], string][] = [];
  if (shifted.length > 0) changes.push(['model', `codes of categories shifted: ${listed(shifted)}`]);
  // A new category in the place of another: the model reads the one as the other.
  if (gone.length > 0) changes.push([reused ? 'model' : undefined, `categories that are unknown now: ${listed(gone)}`]);
  if (added.length > 0) changes.push([undefined, `categories added: ${listed(added)}`]);
  return changes;
}

function listed(texts: readonly string[]): string {
  const more = texts.length - MAX_LISTED;
  return texts.slice(0, MAX_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
