import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LoadResult } from '../../config/checked.ts';
import { loadConfig } from '../../config/load.ts';
import { identityOf } from '../../config/secret.ts';
import { onnxModel } from '../wrapper/onnx-bytes.ts';
import { projectFolder } from '../e2e/serve-project.ts';

const MODELS = fileURLToPath(new URL('../check-load/', import.meta.url));

interface Written {
  inputs?: string;
  views?: string;
  model: string;
  beside?: Record<string, string>;
}

const yamlOf = ({
  inputs = 'km: double, carrier: string',
  views = '{ plane: { store: online, key: { id: instance.carrier }, fields: { seats: int64 } } }',
  model,
}: Written): string => `version: 1
project: p
inputs: { request: { time: timestamp }, instance: { ${inputs} } }
stores: { online: { type: lmdb } }
views: ${views}
onDemand: { distance: { type: double, cel: instance.km * 1.6 } }
models:
  m: { features: from-model, ${model} }
`;

/** LightGBM's text: names, and of each a range or the codes of a category. */
const lightgbm = (columns: Record<string, string>, categories: unknown[][] = []): string =>
  [
    'tree',
    'version=v4',
    `max_feature_idx=${Object.keys(columns).length - 1}`,
    `feature_names=${Object.keys(columns).join(' ')}`,
    `feature_infos=${Object.values(columns).join(' ')}`,
    '',
    'end of trees',
    '',
    `pandas_categorical:${JSON.stringify(categories)}`,
    '',
  ].join('\n');

async function load(written: Written, copied: readonly string[] = []): Promise<LoadResult & { told: string[] }> {
  await using project = await projectFolder({ 'tandem.yaml': yamlOf(written), ...written.beside });
  await Promise.all(copied.map((name) => cp(join(MODELS, name), join(project.folder, name))));
  const result = loadConfig(join(project.folder, 'tandem.yaml'), {});
  return { ...result, told: result.problems.map(({ code, message }) => `${code} ${message}`) };
}

const picked = ({ checked }: LoadResult): unknown =>
  checked?.features.get('m')?.map(({ name, from, categories }) => [name, from, ...(categories ?? [])]);

/** One with `features: from-model` and LightGBM's text as its model. */
const withText = (text: string, rest = '', more: Partial<Written> = {}): Promise<LoadResult & { told: string[] }> =>
  load({ ...more, model: `${rest}wrapper: { modelUri: model.txt }`, beside: { 'model.txt': text } });

describe('features from the model', () => {
  it('are the columns that LightGBM names, in its order, with the categories that it saved', async () => {
    const aliases = 'aliases: [{ name: carrier, from: instance.carrier }], ';
    const result = await load({ model: `${aliases}wrapper: { modelUri: named.txt }` }, ['named.txt']);
    expect(result.told).toEqual([]);
    expect(picked(result)).toEqual([
      ['distance', 'distance'],
      ['plane.seats', 'plane.seats'],
      ['carrier', 'instance.carrier', 'AA', 'B6', 'DL'],
    ]);
  });

  it('are those of XGBoost, of scikit-learn’s skops, of ONNX by name, and of an ONNX matrix whose property names them', async () => {
    const pipeline = await load({ model: 'wrapper: { modelUri: pipeline.skops }' }, ['pipeline.skops']);
    const both = [
      ['distance', 'distance'],
      ['plane.seats', 'plane.seats'],
    ];
    expect([pipeline.told, picked(pipeline)]).toEqual([[], both]);
    const listed = '{ name: carrier, from: instance.carrier, categories: [AA, B6, DL] }';
    const trees = await load({ model: `aliases: [${listed}], wrapper: { modelUri: trees.ubj }` }, ['trees.ubj']);
    expect([trees.told, picked(trees)]).toEqual([[], [...both, ['carrier', 'instance.carrier', 'AA', 'B6', 'DL']]]);
    const carrier = '{ name: carrier, from: instance.carrier, default: none }';
    const columns = await load(
      { model: `aliases: [${carrier}], wrapper: { modelUri: columns.onnx, tensors: columns }` },
      ['columns.onnx'],
    );
    expect([columns.told, picked(columns)]).toEqual([
      [],
      [
        ['distance', 'distance'],
        ['plane_seats', 'plane.seats'],
        ['carrier', 'instance.carrier'],
      ],
    ]);
    await using project = await projectFolder({ 'tandem.yaml': yamlOf({ model: 'wrapper: { modelUri: . }' }) });
    const matrix = onnxModel([{ name: 'features', type: 'float', shape: ['rows', 2] }], [], [], {
      properties: { feature_names: '["plane.seats", "distance"]' },
    });
    await writeFile(join(project.folder, 'model.onnx'), matrix);
    expect(picked(loadConfig(join(project.folder, 'tandem.yaml'), {}))).toEqual(both.toReversed());
  });

  it('are found in the letters that a library writes, where one name only has them', async () => {
    const result = await withText(lightgbm({ plane_seats: '[0:1]', instance_km: '[0:1]' }));
    expect(picked(result)).toEqual([
      ['plane_seats', 'plane.seats'],
      ['instance_km', 'instance.km'],
    ]);
    const read = 'store: online, key: { id: instance.carrier }';
    const views = `{ plane_a: { ${read}, fields: { b: int64 } }, plane: { ${read}, fields: { a_b: int64 } } }`;
    const two = await withText(lightgbm({ plane_a_b: '[0:1]' }), '', { views });
    expect(two.told).toEqual([
      'MODEL_COLUMN `plane_a_b` of model.txt may be `plane_a.b` or `plane.a_b`: say which by an alias of that name',
    ]);
    const alias = 'aliases: [{ name: plane_a_b, from: plane.a_b }], ';
    expect(picked(await withText(lightgbm({ plane_a_b: '[0:1]' }), alias, { views }))).toEqual([
      ['plane_a_b', 'plane.a_b'],
    ]);
  });

  it('are found by an alias before all else', async () => {
    const result = await withText(
      lightgbm({ distance: '[0:1]' }),
      'aliases: [{ name: distance, from: plane.seats }], ',
    );
    expect(picked(result)).toEqual([['distance', 'plane.seats']]);
  });

  it('leave what no model needs today without a warning, views and aliases', async () => {
    const result = await withText(
      lightgbm({ 'instance.km': '[0:1]' }),
      'aliases: [{ name: later, from: instance.carrier, categories: from-model }, { name: next, from: instance.carrier, unknown: -1 }], ',
    );
    expect([result.told, picked(result)]).toEqual([[], [['instance.km', 'instance.km']]]);
  });

  it('are another configuration with another model', async () => {
    await using project = await projectFolder({
      'tandem.yaml': yamlOf({ model: 'wrapper: { modelUri: model.txt }' }),
      'model.txt': lightgbm({ distance: '[0:1]' }),
    });
    const file = join(project.folder, 'tandem.yaml');
    const before = loadConfig(file, {});
    expect(before.files).toContain(join(project.folder, 'model.txt'));
    await writeFile(join(project.folder, 'model.txt'), lightgbm({ distance: '[0:1]', 'plane.seats': '[0:1]' }));
    const after = loadConfig(file, {});
    expect(identityOf(after.checked?.config)).not.toBe(identityOf(before.checked?.config));
  });
});

describe('a column of the model that nothing is', () => {
  it('is told with the name that may be meant, and the alias that says so', async () => {
    const { told } = await withText(lightgbm({ distence: '[0:1]', km: '[0:1]', zzz: '[0:1]' }));
    const declares = 'MODEL_COLUMN the YAML declares nothing for';
    expect(told).toEqual([
      `${declares} \`distence\` of model.txt: if \`distance\` is meant, add the alias \`{ name: distence, from: distance }\``,
      `${declares} \`km\` of model.txt: if \`instance.km\` is meant, add the alias \`{ name: km, from: instance.km }\``,
      `${declares} \`zzz\` of model.txt: declare it, or say what it is by an alias of that name`,
    ]);
  });

  it('is told five times, and then counted', async () => {
    const columns = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`zzz${at}`, 'none']));
    const { told } = await withText(lightgbm(columns));
    expect(told).toHaveLength(6);
    expect(told[5]).toBe('MODEL_COLUMN and so it is with 195 more columns of model.txt');
  });

  it('is not told where what declares it could not be read', async () => {
    const { told } = await withText(lightgbm({ 'plane.seats': '[0:1]' }), '', { views: '{ plane: 7 }' });
    expect(told).toEqual([expect.stringMatching(/^WRONG_TYPE /)]);
  });
});

describe('a category of the model', () => {
  it('of numbers is refused for a number, whose codes would be others, and taken where the codes are the numbers', async () => {
    const inputs = 'km: double, carrier: string, month: int64';
    const columns = { 'instance.month': '0:1:2' };
    expect((await withText(lightgbm(columns, [[1, 2, 3]]), '', { inputs })).told).toEqual([
      'MODEL_COLUMN `instance.month` is a category in model.txt, and `instance.month` is int64: make it a string, which has a code, by an on-demand feature and an alias',
    ]);
    expect((await withText(lightgbm(columns, [[0, 1, 2]]), '', { inputs })).told).toEqual([]);
    expect((await withText(lightgbm(columns), '', { inputs })).told).toEqual([]);
  });

  it('is refused where the file does not say whose its lists are', async () => {
    const { told } = await withText(
      lightgbm({ 'instance.carrier': '0:1', distance: '[0:1]' }, [
        ['a', 'b'],
        ['lo', 'hi'],
      ]),
    );
    expect(told).toEqual([
      'MODEL_COLUMN model.txt does not say of which columns its lists of categories are, since one has a single value or is ordered: list the features',
    ]);
  });

  it('is a string that needs an alias where the model has no categories of it', async () => {
    const { told } = await withText(lightgbm({ 'instance.carrier': '[0:1]' }));
    expect(told).toEqual([
      'STRING_FEATURE `instance.carrier` is a string: give `instance.carrier` an alias with its `categories` (only `wrapper: { tensors: columns }` sends text)',
    ]);
  });
});

it('aliases serve a list of features as well', async () => {
  await using project = await projectFolder({
    'tandem.yaml': yamlOf({ model: 'aliases: [{ name: seats, from: plane.seats }]' }).replace(
      'from-model',
      '[distance, seats]',
    ),
  });
  expect(picked(loadConfig(join(project.folder, 'tandem.yaml'), {}))).toEqual([
    ['distance', 'distance'],
    ['seats', 'plane.seats'],
  ]);
});
