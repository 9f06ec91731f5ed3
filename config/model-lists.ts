import { resolve } from 'node:path';
import type { ModelColumn } from '../foundation/model-inputs/model-inputs.ts';
import { nameKey } from '../foundation/model-inputs/name-key.ts';
import { didYouMean } from '../foundation/nearest.ts';
import { readCategoryText } from './category-file.ts';
import type { Files } from './files.ts';
import { readModelColumns, type NamedColumns } from './model-file.ts';
import type { Path } from './places.ts';
import type { Report } from './report.ts';
import type { Config, FeatureConfig, WrittenConfig, WrittenFeature, WrittenModel } from './schema.ts';

interface Context {
  /** That of the YAML, which paths are relative to. */
  folder: string;
  files: Files;
  report: Report;
}

/** The configuration with the lists in it that files beside it, and the files of its models, have. */
export function withModelLists(written: WrittenConfig, context: Context): Config {
  const models = Object.entries(written.models).map(([name, model]) => {
    const lists = new ModelLists(model, context);
    const features = model.features.map((feature, index) =>
      lists.feature(feature, ['models', name, 'features', index]),
    );
    return [name, { ...model, features }] as const;
  });
  return { ...written, models: Object.fromEntries(models) };
}

/** What the files of one model list. */
class ModelLists {
  readonly #model: WrittenModel;
  readonly #context: Context;
  #columns: NamedColumns | { problem: string } | undefined;

  constructor(model: WrittenModel, context: Context) {
    this.#model = model;
    this.#context = context;
  }

  feature(feature: WrittenFeature, path: Path): FeatureConfig {
    return { ...feature, categories: this.#categories(feature, [...path, 'categories']) };
  }

  /** Empty, and a problem, where they cannot be had. */
  #categories({ name, categories: written }: WrittenFeature, path: Path): readonly string[] | undefined {
    if (typeof written !== 'string') return written;
    const { folder, files, report } = this.#context;
    if (written === 'from-model') return this.#categoriesOfModel(name, path);
    const text = files.readText(resolve(folder, written), report.places.at(path), 'CATEGORIES_FILE', written);
    if (text === undefined) return [];
    const listed = readCategoryText(written, text);
    if ('categories' in listed) return listed.categories;
    report.at(path, 'CATEGORIES_FILE', listed.problem);
    return [];
  }

  #categoriesOfModel(name: string, path: Path): readonly string[] {
    const found = this.#modelColumns();
    const categories = 'problem' in found ? found : categoriesOf(name, found);
    if (!('problem' in categories)) return categories;
    this.#context.report.at(path, 'CATEGORIES_MODEL', categories.problem);
    return [];
  }

  #modelColumns(): NamedColumns | { problem: string } {
    const { folder, files } = this.#context;
    this.#columns ??= readModelColumns(this.#model, folder, files);
    return this.#columns;
  }
}

function categoriesOf(name: string, { file, columns }: NamedColumns): readonly string[] | { problem: string } {
  const column = columns.find((each) => nameKey(each.name) === nameKey(name));
  if (column === undefined) {
    const near = didYouMean(
      name,
      columns.map((each) => each.name),
    );
    return { problem: `\`${name}\` is no input of ${file}${near}` };
  }
  if (column.categories !== undefined) return column.categories;
  const coded = columns.filter((each) => each.categories !== undefined);
  return {
    problem: `${whyNone(column, file)}${coded.length === 0 ? '' : ` (of ${listOf(coded)} it has them)`}: list them, or name a file`,
  };
}

function whyNone({ name, kind }: ModelColumn, file: string): string {
  switch (kind) {
    case 'category':
      return `${file} has no \`pandas_categorical\` for \`${name}\`: it was trained on codes, whose meaning it does not know`;
    case undefined:
      return `${file} does not say what the categories of \`${name}\` are`;
    case 'number':
    case 'integer':
    case 'bool':
    case 'string':
      return `\`${name}\` is not categorical in ${file}`;
  }
}

const listOf = (columns: readonly ModelColumn[]): string => columns.map(({ name }) => `\`${name}\``).join(', ');
