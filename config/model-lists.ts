import { resolve } from 'node:path';
import type { Scope } from '../cel/expression.ts';
import { readCategoryText } from './category-file.ts';
import type { Files } from './files.ts';
import { columnNamed, modelCategories } from './model-categories.ts';
import { readModelColumns, type NamedColumns } from './model-file.ts';
import type { Path } from './places.ts';
import { pickFeatures } from './pick-features.ts';
import type { Report } from './report.ts';
import type { Config, FeatureConfig, ModelConfig, WrittenConfig, WrittenFeature, WrittenModel } from './schema.ts';

interface Context {
  /** That of the YAML, which paths are relative to. */
  folder: string;
  files: Files;
  report: Report;
}

/** A configuration with the lists in it that files beside it, and the files of its models, have. */
interface Listed {
  config: Config;
  /** By model, where each of its features is written. */
  paths: ReadonlyMap<string, readonly Path[]>;
  /** Models whose features their own file names. */
  picking: ReadonlySet<string>;
}

/** Columns of one model that are told; there may be hundreds, for one reason. */
const MAX_TOLD = 5;

export function withModelLists(written: WrittenConfig, scope: Scope, context: Context): Listed {
  const paths = new Map<string, readonly Path[]>();
  const picking = new Set<string>();
  const models: Record<string, ModelConfig> = {};
  for (const [name, model] of Object.entries(written.models)) {
    const lists = new ModelLists(name, model, scope, context);
    models[name] = { ...model, aliases: lists.aliases, features: lists.features.map(({ feature }) => feature) };
    paths.set(
      name,
      lists.features.map(({ path }) => path),
    );
    if (model.features === 'from-model') picking.add(name);
  }
  return { config: { ...written, models }, paths, picking };
}

interface PlacedFeature {
  feature: FeatureConfig;
  path: Path;
}

/** What the files of one model list. */
class ModelLists {
  readonly aliases: FeatureConfig[];
  readonly features: PlacedFeature[];
  readonly #path: Path;
  readonly #model: WrittenModel;
  readonly #scope: Scope;
  readonly #context: Context;
  #columns: NamedColumns | { problem: string } | undefined;

  constructor(name: string, model: WrittenModel, scope: Scope, context: Context) {
    this.#path = ['models', name];
    this.#model = model;
    this.#scope = scope;
    this.#context = context;
    this.aliases = model.aliases.map(this.#alias);
    this.features = model.features === 'from-model' ? this.#picked() : model.features.map(this.#listed);
  }

  /** One of a column that this model has not is for another model, whose categories it will have. */
  #alias = (alias: WrittenFeature, index: number): FeatureConfig => {
    if (alias.categories === 'from-model') {
      const found = this.#modelColumns();
      if (!('problem' in found) && columnNamed(alias.name, found) === undefined) return { ...alias, categories: [] };
    }
    return this.#withCategories(alias, this.#aliasPath(index));
  };

  #aliasPath = (index: number): Path => [...this.#path, 'aliases', index];

  /** A bare name may be that of an alias. */
  #listed = (feature: WrittenFeature, index: number): PlacedFeature => {
    const alias = feature.from === feature.name ? this.aliases.findIndex(({ name }) => name === feature.name) : -1;
    if (alias >= 0) return { feature: this.aliases[alias], path: this.#aliasPath(alias) };
    const path = [...this.#path, 'features', index];
    return { feature: this.#withCategories(feature, path), path };
  };

  #picked(): PlacedFeature[] {
    const { report } = this.#context;
    const path = [...this.#path, 'features'];
    const found = this.#modelColumns();
    if ('problem' in found) {
      report.at(path, 'FEATURES_MODEL', found.problem);
      return [];
    }
    if (found.hasUnplacedLists) {
      const text = `${found.file} does not say of which columns its lists of categories are, since one has a single value or is ordered: list the features`;
      report.at(path, 'MODEL_COLUMN', text);
      return [];
    }
    const picked = pickFeatures(found, this.aliases, this.#scope);
    const problems = picked.flatMap((each) => ('problem' in each ? [each.problem] : []));
    // What could not be read may have declared them.
    const isWhole = [['inputs'], ['views'], ['onDemand'], [...this.#path, 'aliases']].every(
      (part) => !report.broken.touches(part),
    );
    if (isWhole) {
      const more = problems.length - MAX_TOLD;
      for (const problem of problems.slice(0, MAX_TOLD)) report.at(path, 'MODEL_COLUMN', problem);
      if (more > 0) report.at(path, 'MODEL_COLUMN', `and so it is with ${more} more columns of ${found.file}`);
    }
    return picked.flatMap((each) =>
      'problem' in each
        ? []
        : [{ feature: each.feature, path: each.alias === undefined ? path : this.#aliasPath(each.alias) }],
    );
  }

  #withCategories(feature: WrittenFeature, path: Path): FeatureConfig {
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
    const categories = 'problem' in found ? found : modelCategories(name, found);
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
