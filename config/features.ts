import type { Scope } from '../cel/expression.ts';
import type { ScalarType } from '../cel/types.ts';
import { didYouMean } from '../foundation/nearest.ts';
import type { CheckedConfig, CheckedFeature } from './checked.ts';
import { literalProblem } from './literal.ts';
import type { Path } from './places.ts';
import type { Report } from './report.ts';
import type { Config, FeatureConfig, ModelConfig } from './schema.ts';

/** The features of every model, their names resolved to names of the scope. */
export function checkFeatures(config: Config, scope: Scope, report: Report): CheckedConfig['features'] {
  const checked = new Map<string, CheckedFeature[]>();
  for (const [name, model] of Object.entries(config.models)) {
    const taken = new Set<string>();
    const features = model.features.flatMap((feature, index) => {
      const path = ['models', name, 'features', index];
      if (report.broken.covers(path)) return [];
      if (taken.has(feature.name)) {
        const text = `the model has a feature named \`${feature.name}\` already: give this one another \`name\``;
        report.at(ownPlace(path, 'name', report), 'DUPLICATE_FEATURE', text);
      }
      taken.add(feature.name);
      return checkFeature(feature, path, model, scope, report);
    });
    checked.set(name, features);
  }
  return checked;
}

function checkFeature(
  feature: FeatureConfig,
  path: Path,
  model: ModelConfig,
  scope: Scope,
  report: Report,
): CheckedFeature[] {
  const from = feature.from ?? feature.name;
  const type = scope.get(from);
  if (type === undefined) {
    if (report.broken.mayDefine(from)) return [];
    const key = feature.from === undefined ? 'name' : 'from';
    const known = [...scope.keys()];
    report.at(ownPlace(path, key, report), 'UNKNOWN_FEATURE', `nothing is named \`${from}\`${mend(from, known)}`);
    return [];
  }
  const literal = feature.default;
  if (feature.categories) checkCategories(feature.categories, from, type, path, report);
  else checkNoPolicies(feature, path, report);
  if (literal !== undefined) checkDefault(feature, literal, type, path, model, report);
  else if (type === 'string' && !feature.categories) {
    const mends =
      model.wrapper.tensors === 'matrix'
        ? 'list its `categories` (only `wrapper: { tensors: columns }` sends text)'
        : 'list its `categories`, or give it a `default` to go as text';
    report.at(ownPlace(path, 'from', report), 'STRING_FEATURE', `\`${from}\` is a string: ${mends}`);
  }
  const { name, categories, unknown, nulls } = feature;
  return [{ name, from, type, categories, unknown, nulls, default: literal }];
}

/** What a string is that has no code, where none has one. */
function checkNoPolicies({ unknown, nulls }: FeatureConfig, path: Path, report: Report): void {
  if (unknown !== 'null') {
    const text = '`unknown` says what a string outside of `categories` is; list them';
    report.at([...path, 'unknown'], 'UNKNOWN_POLICY', text);
  }
  if (nulls !== 'keep') {
    const text = '`nulls` says what a null string is among `categories`; list them';
    report.at([...path, 'nulls'], 'UNKNOWN_POLICY', text);
  }
}

function checkCategories(
  categories: readonly string[],
  from: string,
  type: ScalarType,
  path: Path,
  report: Report,
): void {
  if (type !== 'string') {
    report.at(
      [...path, 'categories'],
      'CATEGORIES_TYPE',
      `\`${from}\` is ${type}, and goes to the model as a number; categories are for strings`,
    );
  }
  for (const [index, category] of categories.entries()) {
    const first = categories.indexOf(category);
    if (first === index) continue;
    const text = `the category \`${category}\` is in the list already, with the code ${first}`;
    report.at([...path, 'categories', index], 'CATEGORY_REPEATED', text);
  }
}

function checkDefault(
  feature: FeatureConfig,
  literal: string | number | boolean,
  type: ScalarType,
  path: Path,
  model: ModelConfig,
  report: Report,
): void {
  const place = [...path, 'default'];
  if (type !== 'string' || feature.categories || model.wrapper.tensors === 'matrix') {
    report.at(
      place,
      'FEATURE_DEFAULT',
      '`default` is for a string without categories under `wrapper: { tensors: columns }`; a view’s field has it in the view’s `defaults`',
    );
    return;
  }
  const problem = literalProblem(literal, type);
  if (problem) report.at(place, 'DEFAULT_TYPE', `the default of \`${feature.name}\`, ${type}, ${problem}`);
}

/** The place of a feature's key, or of the feature where it is written as only a name. */
function ownPlace(path: Path, key: 'name' | 'from', report: Report): Path {
  for (const candidate of [key, 'name']) {
    if (report.places.has([...path, candidate])) return [...path, candidate];
  }
  return path;
}

/** The name meant: a near one, or one of an input, view or field with the same last word. */
function mend(from: string, known: readonly string[]): string {
  const near = didYouMean(from, known);
  if (near !== '') return near;
  const last = from.slice(from.lastIndexOf('.') + 1);
  const same = known.find((name) => name.endsWith(`.${last}`));
  return same === undefined ? '' : `, did you mean \`${same}\`?`;
}
