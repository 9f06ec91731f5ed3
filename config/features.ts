import type { Scope } from '../cel/expression.ts';
import type { ScalarType } from '../cel/types.ts';
import type { CheckedConfig, CheckedFeature } from './checked.ts';
import { literalProblem } from './literal.ts';
import { meantName } from './meant-name.ts';
import type { Path } from './places.ts';
import type { Report } from './report.ts';
import type { Config, FeatureConfig, ModelConfig } from './schema.ts';

/**
 * The features of every model, their names resolved to names of the scope. `paths` has by model where each of them is
 * written.
 */
export function checkFeatures(
  config: Config,
  paths: ReadonlyMap<string, readonly Path[]>,
  scope: Scope,
  report: Report,
): CheckedConfig['features'] {
  const checked = new Map<string, CheckedFeature[]>();
  for (const [name, model] of Object.entries(config.models)) {
    const written = paths.get(name) ?? [];
    checkNames(model.features, written, report);
    const features = model.features.flatMap((feature, index) =>
      checkFeature(feature, written[index], model, scope, report),
    );
    checked.set(name, features);
    checkAliases(name, model, written, scope, report);
  }
  return checked;
}

/**
 * Those that no feature stands for are no mistake: next week's model may have their column, and its categories.
 */
function checkAliases(name: string, model: ModelConfig, used: readonly Path[], scope: Scope, report: Report): void {
  const paths = model.aliases.map((_, index): Path => ['models', name, 'aliases', index]);
  checkNames(model.aliases, paths, report);
  const told = new Set(used.map((path) => path.join()));
  for (const [index, path] of paths.entries()) {
    const alias = model.aliases[index];
    if (told.has(path.join()) || report.broken.covers(path)) continue;
    const { from = alias.name, categories, default: literal } = alias;
    const type = typeOf(alias, path, scope, report);
    if (type !== undefined && categories) checkCategories(categories, from, type, path, report);
    if (type !== undefined && literal !== undefined) checkDefault(alias, literal, type, path, model, report);
  }
}

function checkNames(features: readonly FeatureConfig[], paths: readonly Path[], report: Report): void {
  const taken = new Set<string>();
  for (const [index, { name }] of features.entries()) {
    const path = paths[index];
    if (taken.has(name) && !report.broken.covers(path)) {
      const text = `the model has a feature named \`${name}\` already: give this one another \`name\``;
      report.at(ownPlace(path, 'name', report), 'DUPLICATE_FEATURE', text);
    }
    taken.add(name);
  }
}

function checkFeature(
  feature: FeatureConfig,
  path: Path,
  model: ModelConfig,
  scope: Scope,
  report: Report,
): CheckedFeature[] {
  if (report.broken.covers(path)) return [];
  const from = feature.from ?? feature.name;
  const type = typeOf(feature, path, scope, report);
  if (type === undefined) return [];
  const literal = feature.default;
  if (feature.categories) checkCategories(feature.categories, from, type, path, report);
  else checkNoPolicies(feature, path, report);
  if (literal !== undefined) checkDefault(feature, literal, type, path, model, report);
  else if (type === 'string' && !feature.categories) {
    const list =
      path.at(-1) === 'features'
        ? `give \`${feature.name}\` an alias with its \`categories\``
        : 'list its `categories`';
    const mends =
      model.wrapper.tensors === 'matrix'
        ? `${list} (only \`wrapper: { tensors: columns }\` sends text)`
        : `${list}, or${path.at(-1) === 'features' ? ' with' : ' give it'} a \`default\` to go as text`;
    report.at(ownPlace(path, 'from', report), 'STRING_FEATURE', `\`${from}\` is a string: ${mends}`);
  }
  const { name, categories, unknown, nulls } = feature;
  return [{ name, from, type, categories, unknown, nulls, default: literal }];
}

/** Of where a feature comes from; undefined, and a problem, where nothing has that name. */
function typeOf({ name, from }: FeatureConfig, path: Path, scope: Scope, report: Report): ScalarType | undefined {
  const source = from ?? name;
  const type = scope.get(source);
  if (type !== undefined || report.broken.mayDefine(source)) return type;
  const meant = meantName(source, [...scope.keys()]);
  const mend = meant === undefined ? '' : `, did you mean \`${meant}\`?`;
  const place = ownPlace(path, from === undefined ? 'name' : 'from', report);
  report.at(place, 'UNKNOWN_FEATURE', `nothing is named \`${source}\`${mend}`);
  return undefined;
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
