import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParameters, type Layout } from '../../proto/load-parameters.ts';
import { inferenceService } from '../../proto/service.ts';
import { pythonEnvironment } from '../../wrapper/interpreter.ts';
import { modelVersion } from '../../wrapper/model-version.ts';
import { ensureLibraries, trainModels, type Trained } from './python-models.ts';
import { connectTo, numbersOf, part, type WireClient } from './wire-client.ts';
import { openProject, type Project } from './wrap-process.ts';

let project: Project;
let python: string;
let trained: Trained;
let rows: number[];
let client: WireClient;
beforeAll(async () => {
  python = await ensureLibraries();
  project = await openProject('', { predictor: 'lightgbm', wrapper: `python: ${python}, modelUri: lightgbm` });
  trained = await trainModels(python, project.folder);
  rows = trained.rows.flat().map((value) => value ?? Number.NaN);
  client = connectTo((await project.wrap().loaded()).address);
}, 180_000);
afterAll(async () => {
  client.close();
  await project.close();
});

const layout = (...names: string[]): Layout => ({ features: names.map((name) => ({ name, type: 'double' })) });
const load = (asked: Layout, by = client): Promise<object> =>
  by.call(inferenceService.RepositoryModelLoad, { model_name: 'm', parameters: loadParameters(asked) });

async function predictionsOf(by: WireClient): Promise<number[]> {
  const stream = by.stream();
  stream.sendParts([part(1, rows)]);
  const [output] = (await stream.answers([1])).get(1)!.outputs;
  await stream.end();
  return numbersOf(output.raw);
}

test('tandem wrap hosts a model without code, which says of itself what it is and has the version of its bytes', async () => {
  expect(await predictionsOf(client)).toEqual(trained.answers['lightgbm']['predictions']);
  const metadata = await client.call(inferenceService.ModelMetadata, { name: 'm' });
  expect(metadata).toMatchObject({
    platform: 'lightgbm',
    versions: [await modelVersion({ predictor: 'lightgbm', modelUri: join(project.folder, 'lightgbm') })],
    inputs: [{ name: 'features', datatype: 'FP64' }],
    outputs: [{ name: 'predictions', datatype: 'FP64' }],
  });
});

test('a load for features that are not the model’s is refused with the difference, and what was there goes on', async () => {
  await expect(load(layout('a', 'c'))).rejects.toThrow(
    '`b` is missing: it is input 2 of model.txt; `c` is too much: model.txt has no such input.',
  );
  await expect(load(layout('b', 'a'))).rejects.toThrow(
    'the features are in another order than the inputs of model.txt',
  );
  expect(await predictionsOf(client)).toEqual(trained.answers['lightgbm']['predictions']);
});

test('by itself it takes a matrix without names, and compares those that a caller tells', async () => {
  const address = `unix:${join(project.folder, 'x.sock')}`;
  const words = ['--predictor', 'xgboost', '--model-uri', 'xgboost', '--model', 'm', '--address', address];
  const child = spawn(python, ['-m', 'tandem_wrapper', ...words], {
    cwd: project.folder,
    env: pythonEnvironment(process.env, 1),
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const alone = connectTo(address);
  try {
    await logged(child, 'The model is loaded');
    const expected = trained.answers['xgboost']['predictions'];
    expect(await predictionsOf(alone)).toEqual(expected);
    await expect(load(layout('b', 'a'), alone)).rejects.toThrow('the features are in another order');
    await load(layout('a', 'b'), alone);
    expect(await predictionsOf(alone)).toEqual(expected);
  } finally {
    alone.close();
    child.kill();
    await once(child, 'close');
  }
});

test('by itself it asks for the model that it is to open', async () => {
  const child = spawn(python, ['-m', 'tandem_wrapper', '--predictor', 'sklearn', '--address', 'unix:m.sock'], {
    env: pythonEnvironment(process.env, 1),
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const exited = once(child, 'close');
  await logged(child, '--model-uri is required: --predictor sklearn opens it');
  expect(await exited).toEqual([2, null]);
});

/** Resolves at a line of stderr that has the words; rejects where it ends before. */
async function logged(child: ChildProcess, words: string): Promise<void> {
  const lines: string[] = [];
  for await (const line of createInterface(child.stderr!)) {
    if (line.includes(words)) {
      child.stderr!.resume();
      return;
    }
    lines.push(line);
  }
  throw new Error(lines.join('\n'));
}
