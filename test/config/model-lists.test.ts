import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LoadResult } from '../../config/checked.ts';
import { loadConfig } from '../../config/load.ts';
import { identityOf } from '../../config/secret.ts';
import { projectFolder } from '../e2e/serve-project.ts';

const MODELS = fileURLToPath(new URL('../check-load/', import.meta.url));

const yamlOf = (model: string): string => `version: 1
project: p
inputs: { instance: { km: double, seats: int64, carrier: string } }
models:
  m:
    ${model}
`;

interface Beside {
  /** Files of test/check-load. */
  copied?: string[];
  texts?: Record<string, string>;
}

/** What a configuration with one model gives, in a folder with these files. */
async function load(model: string, { copied = [], texts = {} }: Beside = {}): Promise<LoadResult & { told: string[] }> {
  await using project = await projectFolder({ 'tandem.yaml': yamlOf(model), ...texts });
  await Promise.all(copied.map((name) => cp(join(MODELS, name), join(project.folder, name))));
  const result = loadConfig(join(project.folder, 'tandem.yaml'), {});
  return {
    ...result,
    told: result.problems.map(({ code, message }) => `${code} ${message}`),
  };
}

const categoriesOf = ({ checked }: LoadResult): unknown => checked?.features.get('m')?.[0]?.categories;

describe('categories in a file', () => {
  const feature = (file: string): string => `features: [{ name: c, from: instance.carrier, categories: ${file} }]`;

  it('are those of the list that stands there', async () => {
    const result = await load(feature('./lists/../carriers.txt'), { texts: { 'carriers.txt': 'AA\nB6\n' } });
    expect(result.told).toEqual([]);
    expect(categoriesOf(result)).toEqual(['AA', 'B6']);
  });

  it('belong to the configuration: its file is one of its files, and another list is another revision', async () => {
    await using project = await projectFolder({ 'tandem.yaml': yamlOf(feature('c.json')), 'c.json': '["AA"]' });
    const file = join(project.folder, 'tandem.yaml');
    const before = loadConfig(file, {});
    expect(before.files).toEqual([file, join(project.folder, 'c.json')]);
    await writeFile(join(project.folder, 'c.json'), '["AA", "B6"]');
    const after = loadConfig(file, {});
    expect(identityOf(after.checked?.config)).not.toBe(identityOf(before.checked?.config));
  });

  it('that is not there is told where it is named, and looked for again', async () => {
    const result = await load(feature('c.json'));
    expect(result.told).toEqual(['CATEGORIES_FILE `c.json`: there is no such file']);
    expect(result.files.map((file) => file.split('/').at(-1))).toEqual(['tandem.yaml', 'c.json']);
  });

  it('that is a folder, or is no list, is told with the mend', async () => {
    expect((await load(feature('.'))).told).toEqual(['CATEGORIES_FILE `.`: this is a folder; name the file in it']);
    expect((await load(feature('c.json'), { texts: { 'c.json': '[1]' } })).told).toEqual([
      'CATEGORIES_FILE `c.json`: item 0 is 1, and a category is a string',
    ]);
  });
});

describe('categories from the model', () => {
  const model = (name: string, uri: string, from = 'instance.carrier'): string =>
    `features: [{ name: ${name}, from: ${from}, categories: from-model }]\n    wrapper: { modelUri: ${uri} }`;

  it('are those that LightGBM saved for the column, found by its name', async () => {
    const result = await load(model('carrier', 'named.txt'), { copied: ['named.txt'] });
    expect(result.told).toEqual([]);
    expect(categoriesOf(result)).toEqual(['AA', 'B6', 'DL']);
    expect(result.files.map((file) => file.split('/').at(-1))).toEqual(['tandem.yaml', 'named.txt']);
  });

  it('are for a model whose file can be read and names its inputs', async () => {
    const told = async (uri: string, beside?: Beside): Promise<string> =>
      (await load(model('carrier', uri), beside)).told.join('\n');
    const at = 'CATEGORIES_MODEL ';
    expect((await load('features: [{ name: c, from: instance.carrier, categories: from-model }]')).told).toEqual([
      'CATEGORIES_MODEL `from-model` reads the model’s file: name it as `wrapper.modelUri`',
    ]);
    expect(await told('"s3://models/a.txt"')).toBe(
      `${at}\`from-model\` reads a file, and \`modelUri\` is an address of another kind`,
    );
    expect(await told('absent.txt')).toBe(`${at}modelUri names absent.txt, which does not exist`);
    expect(await told('a.txt', { texts: { 'a.txt': 'oak\nash\n' } })).toBe(
      `${at}\`modelUri\` names a.txt, and there is no model that names its inputs: .onnx, .skops, XGBoost’s .ubj or .json, or LightGBM’s text as .txt`,
    );
    expect(await told('unnamed.txt', { copied: ['unnamed.txt'] })).toBe(
      `${at}unnamed.txt does not name its inputs: train it on a table with named columns, or put them into an ONNX model’s property \`feature_names\``,
    );
    expect(await told('a.pkl', { texts: { 'a.pkl': '' } })).toBe(
      `${at}a.pkl is a pickle, and reading one runs its code: save the model as .skops or .onnx`,
    );
    expect(await told('a.skops', { texts: { 'a.skops': 'no zip' } })).toBe(`${at}a.skops cannot be read: it is no zip`);
    expect(await told('.', { copied: ['named.txt', 'columns.onnx', 'unnamed.txt'] })).toBe(
      `${at}columns.onnx and named.txt both name inputs: let \`modelUri\` name the one`,
    );
  });

  it('are for a column that the model has, and has the categories of', async () => {
    const told = async (name: string, uri: string): Promise<string[]> =>
      (await load(model(name, uri), { copied: ['named.txt', 'pipeline.skops'] })).told;
    expect(await told('carier', 'named.txt')).toEqual([
      'CATEGORIES_MODEL `carier` is no input of named.txt, did you mean `carrier`?',
    ]);
    expect(await told('distance', 'named.txt')).toEqual([
      'CATEGORIES_MODEL `distance` is not categorical in named.txt (of `carrier` it has them): list them, or name a file',
    ]);
    expect(await told('distance', 'pipeline.skops')).toEqual([
      'CATEGORIES_MODEL pipeline.skops does not say what the categories of `distance` are: list them, or name a file',
    ]);
    const codes = 'tree\nversion=v4\nmax_feature_idx=0\nfeature_names=c\nfeature_infos=0:1\n\nend of trees\n';
    expect((await load(model('c', 'codes.txt'), { texts: { 'codes.txt': codes } })).told).toEqual([
      'CATEGORIES_MODEL codes.txt has no list of the categories of `c`: it was trained on codes, or does not say of which column its lists are: list them, or name a file',
    ]);
  });

  it('are for strings, as those of a list', async () => {
    const { told } = await load(model('carrier', 'named.txt', 'instance.seats'), { copied: ['named.txt'] });
    expect(told).toEqual([
      'CATEGORIES_TYPE `instance.seats` is int64, and goes to the model as a number; categories are for strings',
    ]);
  });
});
