import { didYouMean } from '../../foundation/nearest.ts';
import type { CheckedFeature } from '../../config/checked.ts';
import type { ModelRule } from '../../config/model-rules.ts';
import type { ModelColumn, ModelInputs } from '../../foundation/model-inputs/model-inputs.ts';
import { nameKey } from '../../foundation/model-inputs/name-key.ts';

/** A difference between the features of the YAML and the inputs of a model's file. */
export interface Difference {
  /** Index of the feature at fault; undefined: it is of the list as a whole. */
  feature: number | undefined;
  rule: ModelRule;
  severity: 'error' | 'warning';
  message: string;
}

/** Names in a list of differences; the rest is counted. */
const MAX_LISTED = 4;

/** All that differs, as a diff has it: what is missing, what there is too much, what stands elsewhere, what is of another type. */
export function compareFeatures(features: readonly CheckedFeature[], inputs: ModelInputs, file: string): Difference[] {
  const { columns, width, isByName } = inputs;
  if (columns === undefined) {
    if (width === undefined || width === features.length) return [];
    const message = `${file} takes ${plural(width)}, and the YAML lists ${features.length}`;
    return [{ feature: undefined, rule: 'MODEL_FEATURES', severity: 'error', message }];
  }
  const differences = [...compareNames(features, columns, file)];
  if (differences.length === 0 && !isByName) differences.push(...compareOrder(features, columns, file));
  const byName = new Map(columns.map((column) => [nameKey(column.name), column]));
  for (const [index, feature] of features.entries()) {
    const column = byName.get(nameKey(feature.name));
    if (column) differences.push(...compareColumn(feature, column, file).map((each) => ({ ...each, feature: index })));
  }
  return differences;
}

function compareNames(
  features: readonly CheckedFeature[],
  columns: readonly ModelColumn[],
  file: string,
): Difference[] {
  const named = new Set(features.map(({ name }) => nameKey(name)));
  const known = new Set(columns.map(({ name }) => nameKey(name)));
  const extra = features.flatMap(({ name }, index) => (known.has(nameKey(name)) ? [] : [{ name, index }]));
  const missing = columns.flatMap(({ name }, index) => (named.has(nameKey(name)) ? [] : [{ name, index }]));
  const rule = 'MODEL_FEATURES';
  return [
    ...missing.map(({ name, index }): Difference => {
      const near = didYouMean(
        name,
        extra.map((each) => each.name),
      ).replace(', did you mean', ', is it');
      const message = `\`${name}\` is missing: it is input ${index + 1} of ${file}${near}`;
      return { feature: undefined, rule, severity: 'error', message };
    }),
    ...extra.map(({ name, index }): Difference => {
      const near = didYouMean(
        name,
        missing.map((each) => each.name),
      );
      const message = `\`${name}\` is too much: ${file} has no such input${near}`;
      return { feature: index, rule, severity: 'error', message };
    }),
  ];
}

/** Only where the names are the same: a name that is missing shifts all others, which says nothing. */
function compareOrder(
  features: readonly CheckedFeature[],
  columns: readonly ModelColumn[],
  file: string,
): Difference[] {
  const position = new Map(columns.map(({ name }, index) => [nameKey(name), index]));
  const moved = features.flatMap(({ name }, index) => {
    const wanted = position.get(nameKey(name))!;
    return wanted === index ? [] : [{ index, text: `\`${name}\` is ${index + 1}, not ${wanted + 1}` }];
  });
  const [first] = moved;
  if (first === undefined) return [];
  const more = moved.length - MAX_LISTED;
  const listed =
    moved
      .slice(0, MAX_LISTED)
      .map(({ text }) => text)
      .join(', ') + (more > 0 ? ` and ${more} more` : '');
  const message = `the features are in another order than the inputs of ${file}: ${listed}`;
  return [{ feature: first.index, rule: 'MODEL_FEATURE_ORDER', severity: 'error', message }];
}

type ColumnDifference = Omit<Difference, 'feature'>;

function compareColumn(feature: CheckedFeature, column: ModelColumn, file: string): ColumnDifference[] {
  const { name, type, categories } = feature;
  const isText = type === 'string' && categories === undefined;
  const rule = 'MODEL_FEATURE_TYPE';
  switch (column.kind) {
    case undefined:
      return [];
    case 'string':
      if (isText) return [];
      return [{ rule, severity: 'error', message: `\`${name}\` goes as a number, and ${file} takes text` }];
    case 'number':
    case 'integer':
    case 'bool':
    case 'category':
      if (isText) return [{ rule, severity: 'error', message: `\`${name}\` goes as text, and ${file} takes a number` }];
      return column.kind === 'category'
        ? compareCategories(feature, column, file)
        : compareNumber(feature, column, file);
  }
}

/** Whole numbers fit everywhere, and a bool into a bool: what is lost otherwise is a fraction, which is worth a word. */
function compareNumber(
  { name, type, categories }: CheckedFeature,
  { kind }: ModelColumn,
  file: string,
): ColumnDifference[] {
  const isLost = (kind === 'integer' && type === 'double') || (kind === 'bool' && (type !== 'bool' || categories));
  if (!isLost) return [];
  const what = kind === 'integer' ? 'whole numbers' : 'a bool';
  const message = `\`${name}\` is a ${categories ? 'code of a category' : type}, and ${file} takes ${what}`;
  return [{ rule: 'MODEL_FEATURE_TYPE', severity: 'warning', message }];
}

/** Codes that mean something else than in training give an answer all the same: the mistake that nothing else tells. */
function compareCategories(feature: CheckedFeature, column: ModelColumn, file: string): ColumnDifference[] {
  const { name, type, categories } = feature;
  if (column.categories === undefined || categories === undefined) {
    if (categories !== undefined || type !== 'double') return [];
    const message = `\`${name}\` is a double, and ${file} was trained on it as a category`;
    return [{ rule: 'MODEL_FEATURE_TYPE', severity: 'warning', message }];
  }
  const length = Math.max(categories.length, column.categories.length);
  const codes = Array.from({ length }, (_, code) => code);
  const code = codes.find((each) => categories[each] !== column.categories?.[each]);
  if (code === undefined) return [];
  const [here, there] = [categories[code], column.categories[code]].map((each) =>
    each === undefined ? 'nothing' : JSON.stringify(each),
  );
  const message = `code ${code} of \`${name}\` is ${here} in the YAML and ${there} in ${file}, which has ${listCategories(column.categories)}`;
  return [{ rule: 'MODEL_CATEGORIES', severity: 'error', message }];
}

function listCategories(categories: readonly string[]): string {
  const shown = categories.slice(0, MAX_LISTED * 2).map((each) => JSON.stringify(each));
  const more = categories.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function plural(columns: number): string {
  return `${columns} ${columns === 1 ? 'column' : 'columns'}`;
}
