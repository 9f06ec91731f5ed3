import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tandem } from '../../cli/tandem.ts';
import { projectFolder } from '../../e2e/serve-project.ts';
import { ensurePython } from '../../python.ts';
import { ensureLibraries } from '../python-models.ts';

const MODELS = fileURLToPath(new URL('../../check-load/', import.meta.url));

test('check --load opens models without code in Python, and tells once what does not fit', async () => {
  const python = await ensureLibraries();
  const bare = await ensurePython();
  const yaml = `version: 1
project: p
inputs:
  instance: { km: double, seats: int64 }
models:
  fits:
    features: [{ name: distance, from: instance.km }, { name: plane.seats, from: instance.seats }]
    wrapper: { predictor: sklearn, modelUri: pipeline.skops, python: ${python} }
  moved:
    features: [{ name: plane.seats, from: instance.seats }, { name: distance, from: instance.km }]
    wrapper: { predictor: sklearn, modelUri: pipeline.skops, python: ${python} }
  narrow:
    features: [instance.km]
    wrapper: { predictor: onnx, modelUri: matrix.onnx, python: ${python} }
  bare:
    features: [instance.km, instance.seats]
    wrapper: { predictor: lightgbm, modelUri: unnamed.txt, python: ${bare} }
`;
  await using project = await projectFolder({ 'tandem.yaml': yaml });
  const { folder } = project;
  const copied = ['pipeline.skops', 'unnamed.txt', 'matrix.onnx'];
  await Promise.all(copied.map((name) => cp(join(MODELS, name), join(folder, name))));
  const { exit, out } = await tandem('check', join(folder, 'tandem.yaml'), '--load');
  expect(
    out
      .trimEnd()
      .replaceAll(`${join(folder, 'tandem.yaml')}:`, '')
      .split('\n'),
  ).toEqual([
    '10:16 error MODEL_FEATURE_ORDER the features are in another order than the inputs of pipeline.skops: `plane.seats` is 1, not 2, `distance` is 2, not 1',
    '13:5 error MODEL_FEATURES matrix.onnx takes 2 columns, and the YAML lists 1',
    `17:47 error MODEL_LOAD \`predictor: lightgbm\` runs on lightgbm, which is not installed for ${bare}: pip install lightgbm`,
  ]);
  expect(exit).toBe(1);
}, 180_000);
