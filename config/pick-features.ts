import type { Scope } from '../cel/expression.ts';
import type { ModelColumn } from '../foundation/model-inputs/model-inputs.ts';
import { nameKey } from '../foundation/model-inputs/name-key.ts';
import { meantName } from './meant-name.ts';
import type { NamedColumns } from './model-file.ts';
import type { FeatureConfig } from './schema.ts';

/** A column of the model and what it is fed with: a name of the scope, or an alias by its index. */
export type Picked = { feature: FeatureConfig; alias: number | undefined } | { problem: string };

/**
 * What the columns of a model are fed with, each found by its name: an alias before a name of the scope, and where there
 * is neither, what has the name in the letters that the model's library writes (`plane_seats`), if only one does.
 */
export function pickFeatures(
  { file, columns }: NamedColumns,
  aliases: readonly FeatureConfig[],
  scope: Scope,
): Picked[] {
  const names = [...aliases.map(({ name }) => name), ...scope.keys()];
  return columns.map((column) => {
    const found = names.includes(column.name) ? [column.name] : alike(column.name, names);
    const [name] = found;
    if (name === undefined) return { problem: unknownColumn(column.name, file, [...scope.keys()]) };
    if (found.length > 1) {
      const both = found.map((each) => `\`${each}\``).join(' or ');
      return { problem: `\`${column.name}\` of ${file} may be ${both}: say which by an alias of that name` };
    }
    const alias = aliases.findIndex((each) => each.name === name);
    const feature = fed(column, aliases[alias] ?? { ...AS_IT_IS, name, from: name }, scope);
    const problem = codesProblem(column, feature, file, scope);
    return problem === undefined ? { feature, alias: alias < 0 ? undefined : alias } : { problem };
  });
}

const AS_IT_IS = { categories: undefined, unknown: 'null', nulls: 'keep', default: undefined } as const;

function alike(name: string, names: readonly string[]): string[] {
  return [...new Set(names.filter((each) => nameKey(each) === nameKey(name)))];
}

/** Under the model's own name; of a string the codes are the model's, where nothing else is said of it. */
function fed(column: ModelColumn, given: FeatureConfig, scope: Scope): FeatureConfig {
  const from = given.from ?? given.name;
  const isPlain = given.categories === undefined && given.default === undefined;
  const categories = isPlain && scope.get(from) === 'string' ? column.categories : given.categories;
  return { ...given, name: column.name, from, categories };
}

/** Numbers that were trained as categories are codes to the model: fed as they are they would mean others. */
function codesProblem(
  { name, categories }: ModelColumn,
  { from = name }: FeatureConfig,
  file: string,
  scope: Scope,
): string | undefined {
  const type = scope.get(from);
  if (categories === undefined || type === undefined || type === 'string') return undefined;
  if (categories.every((category, code) => category === String(code))) return undefined;
  return `\`${name}\` is a category in ${file}, and \`${from}\` is ${type}: make it a string, which has a code, by an on-demand feature and an alias`;
}

function unknownColumn(name: string, file: string, known: readonly string[]): string {
  const meant = meantName(name, known);
  const text = `the YAML declares nothing for \`${name}\` of ${file}`;
  if (meant === undefined) return `${text}: declare it, or say what it is by an alias of that name`;
  return `${text}: if \`${meant}\` is meant, add the alias \`{ name: ${name}, from: ${meant} }\``;
}
