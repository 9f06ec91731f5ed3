import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensurePython } from '../python.ts';
import { onnxModel, SUM_AND_LARGEST, type ModelValue } from './onnx-bytes.ts';
import {
  ensureLibraries,
  startOpener,
  trainModels,
  type ModelOpener,
  type OpenOrder,
  type Trained,
} from './python-models.ts';

const LIBRARIES = ['onnx', 'lightgbm', 'xgboost', 'sklearn'];
const X: ModelValue = { name: 'x', type: 'float', shape: ['n', 2] };
const ROWS = [
  [1, 2],
  [4, 3],
];
const label = { name: 'label', datatype: 'FP64', shape: [-1] };
const predictions = (...shape: number[]): object[] => [{ name: 'predictions', datatype: 'FP64', shape }];

let folder: string;
let opener: ModelOpener;
let trained: Trained;
beforeAll(async () => {
  const python = await ensureLibraries();
  folder = await mkdtemp(join(tmpdir(), 'tandem-models-'));
  opener = startOpener(python);
  trained = await trainModels(python, folder);
}, 180_000);
afterAll(async () => {
  await opener.close();
  await rm(folder, { recursive: true });
});

/** An order for one of the trained models. */
function model(predictor: string, name = predictor, rest: Partial<OpenOrder> = {}): OpenOrder {
  return { predictor, modelUri: join(folder, name), features: ['a', 'b'], ...rest };
}

async function problemsOf(orders: readonly OpenOrder[], by = opener): Promise<(string | undefined)[]> {
  return (await by.open(orders)).map(({ problem }) => problem);
}

async function made(name: string, files: Record<string, string | Uint8Array>): Promise<string> {
  await mkdir(join(folder, name));
  for (const [file, content] of Object.entries(files)) await writeFile(join(folder, name, file), content);
  return name;
}

// Numbers are equal that are at most 1e-6 apart: threads that add up a forest do so in any order.
expect.addEqualityTesters([
  (one, other) => (typeof one === 'number' && typeof other === 'number' ? Math.abs(one - other) <= 1e-6 : undefined),
]);

describe('a model answers what its library predicts, missing values among the rows, and tells its outputs', () => {
  const probabilities = { name: 'probabilities', datatype: 'FP64', shape: [-1, 2] };
  const expected: [string, string, Partial<OpenOrder>, object[], string[]?][] = [
    ['lightgbm', 'lightgbm', {}, predictions(-1)],
    ['lightgbm', 'lightgbm-classes', {}, predictions(-1, 3)],
    ['xgboost', 'xgboost', {}, predictions(-1)],
    ['xgboost', 'xgboost-stopped', {}, predictions(-1, 3)],
    ['sklearn', 'sklearn', {}, [label, probabilities]],
    ['sklearn', 'sklearn', { tensors: 'columns' }, [label, probabilities]],
    ['sklearn', 'texts', { tensors: 'columns' }, [label, probabilities]],
    ['sklearn', 'texts-named', { tensors: 'columns' }, [label, probabilities]],
    ['sklearn', 'named', {}, predictions(-1, -1)],
    ['sklearn', 'regression', {}, predictions(-1, -1)],
    [
      'sklearn',
      'forest',
      { trustPickle: true },
      [{ ...label, datatype: 'BYTES' }, probabilities],
      ['model.skops holds what skops does not trust, and `trustPickle` allows: sklearn.tree._tree.Tree'],
    ],
    [
      'sklearn',
      'pickle',
      { trustPickle: true },
      [label, probabilities],
      ['model.joblib is a pickle: it is opened, and may run any code, since `trustPickle` allows it'],
    ],
  ];
  test.each(expected)('%s: %s %o', async (library, name, rest, outputs, logged = []) => {
    const [outcome] = await opener.open([
      model(library, name, { ...rest, rows: name.startsWith('texts') ? trained.texts : trained.rows }),
    ]);
    expect(outcome).toEqual({ outputs, logged, answer: trained.answers[name] });
  });
});

test('ONNX answers every output by its name in float32, and says what its input and outputs are', async () => {
  const same = { op: 'Identity', inputs: ['x'], outputs: ['y'] };
  const files = {
    right: SUM_AND_LARGEST,
    wide: onnxModel([{ ...X, shape: ['n', 3] }], [{ ...X, name: 'y', shape: ['n', 3] }], [same]),
    double: onnxModel([{ ...X, type: 'double' }], [{ ...X, name: 'y', type: 'double' }], [same]),
  };
  for (const [name, bytes] of Object.entries(files)) await made(`onnx-${name}`, { [`${name}.onnx`]: bytes });
  const orders = Object.keys(files).map((name) => model('onnx', `onnx-${name}`, { rows: ROWS }));
  expect(await opener.open(orders)).toEqual([
    {
      outputs: [
        { name: 'sum', datatype: 'FP64', shape: [-1, 1] },
        { name: 'largest', datatype: 'FP64', shape: [-1] },
      ],
      logged: [],
      answer: { sum: [[3], [7]], largest: [1, 0] },
    },
    { problem: 'wide.onnx takes "x" float32[n, 3]; the model\'s features make float32 [N, 2].' },
    { problem: 'double.onnx takes "x" float64[n, 2]; `predictor: onnx` feeds one float32 input [N, F].' },
  ]);
});

test('features that are not the model’s are refused with the difference', async () => {
  const names = [
    ['b', 'a'],
    ['a', 'b', 'c'],
    ['a', 'd'],
  ];
  const orders = names.flatMap((features) =>
    LIBRARIES.slice(1).map((library) => model(library, library, { features })),
  );
  const file = ['model.txt', 'model.ubj', 'model.skops'];
  expect(await problemsOf(orders)).toEqual([
    ...file.map((name) => `the features are in another order than the inputs of ${name}: \`b\` is 1, not 2, \`a\` is 2, not 1.`), // prettier-ignore
    ...file.map((name) => `\`c\` is too much: ${name} has no such input.`),
    ...file.map((name) => `\`b\` is missing: it is input 2 of ${name}; \`d\` is too much: ${name} has no such input.`),
  ]);
});

test('a model without names takes any, as many as its columns', async () => {
  const libraries = [
    ['lightgbm', 'lightgbm-classes'],
    ['xgboost', 'xgboost-stopped'],
    ['sklearn', 'regression'],
  ];
  const orders = [['c', 'd'], ['c']].flatMap((features) =>
    libraries.map(([library, name]) => model(library, name, { features })),
  );
  expect(await problemsOf(orders)).toEqual([
    ...libraries.map(() => undefined),
    ...['model.txt', 'model.json', 'model.skops'].map((name) => `${name} takes 2 columns, and the YAML lists 1.`),
  ]);
});

test('a near name is asked for, and one that a format cannot write is the same', async () => {
  const head = await readFile(join(folder, 'lightgbm', 'model.txt'), 'utf8');
  const named = head.replace('feature_names=a b', 'feature_names=late_share plane_seats');
  await made('other-names', { 'model.txt': named });
  const orders = [
    ['late_share', 'plane.seats'],
    ['late_shares', 'plane.seats'],
  ].map((features) => model('lightgbm', 'other-names', { features }));
  expect(await problemsOf(orders)).toEqual([
    undefined,
    '`late_share` is missing: it is input 1 of model.txt, is it `late_shares`?; ' +
      '`late_shares` is too much: model.txt has no such input, did you mean `late_share`?',
  ]);
});

test('a folder holds exactly one model, and a file that is none is named', async () => {
  const broken = LIBRARIES.map((library, at) => [library, ['m.onnx', 'm.txt', 'm.json', 'm.skops'][at]] as const);
  for (const [library, name] of broken) await made(`${library}-broken`, { [name]: 'no model' });
  await made('empty', {});
  for (const name of ['m.txt', 'n.lgb']) await cp(join(folder, 'lightgbm', 'model.txt'), join(folder, 'empty', name));
  await cp(join(folder, 'xgboost', 'model.ubj'), join(folder, 'cut.ubj'));
  await truncate(join(folder, 'cut.ubj'), 200);
  const orders = [
    ...LIBRARIES.map((library) => model(library, 'absent')),
    model('lightgbm', 'empty'),
    model('xgboost', 'empty'),
    model('sklearn', 'pickle'),
    ...broken.map(([library, name]) => model(library, join(`${library}-broken`, name))),
    model('xgboost', 'cut.ubj'),
  ];
  expect(await problemsOf(orders)).toEqual([
    ...LIBRARIES.map(() => 'modelUri names absent, which does not exist.'),
    'A folder for `predictor: lightgbm` holds exactly one text of LightGBM; there is m.txt, n.lgb.',
    'A folder for `predictor: xgboost` holds exactly one model of XGBoost in .ubj or .json; there is none.',
    'A folder for `predictor: sklearn` holds exactly one .skops file; there is none.',
    'onnxruntime cannot open m.onnx; the log says why.',
    'lightgbm cannot open m.txt; the log says why.',
    'xgboost cannot open m.json; the log says why.',
    'skops cannot open m.skops; the log says why.',
    'xgboost cannot open cut.ubj; the log says why.',
  ]);
});

test('what could run code is not opened, and what is no predictor neither', async () => {
  const orders = [
    model('sklearn', 'pickle/model.joblib'),
    model('sklearn', 'forest'),
    model('sklearn', 'imputer'),
    model('lightgbm', 'lightgbm', { tensors: 'columns' }),
  ];
  expect(await problemsOf(orders)).toEqual([
    'model.joblib is a pickle, which runs code when it is opened; save it as .skops, or allow it by `trustPickle: true`.',
    'model.skops holds what skops does not trust: sklearn.tree._tree.Tree; allow it by `trustPickle: true` where the file is your own.',
    'model.skops holds a SimpleImputer, which has no `predict`.',
    '`predictor: lightgbm` is fed the matrix; leave out `tensors: columns`.',
  ]);
});

test('a library that is not installed is named with how to install it', async () => {
  const plain = await ensurePython();
  const bare = startOpener(plain);
  const problems = await problemsOf(
    LIBRARIES.map((library) => model(library, 'lightgbm')),
    bare,
  );
  await bare.close();
  expect(problems).toEqual(
    ['onnxruntime', 'lightgbm', 'xgboost', 'scikit-learn'].map(
      (name, at) =>
        `\`predictor: ${LIBRARIES[at]}\` runs on ${name}, which is not installed for ${plain}: pip install ${name}.`,
    ),
  );
});
