import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findModelFiles, type ModelInputs } from '../../../foundation/model-inputs/model-inputs.ts';
import { onnxModel } from '../../wrapper/onnx-bytes.ts';

const MODELS = fileURLToPath(new URL('../../check-load/', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-inputs-'));
});
afterAll(() => rm(folder, { recursive: true }));

function inputsOf(path: string): ModelInputs | undefined {
  const [file] = findModelFiles(path);
  return file.read?.();
}

async function inputsOfText(text: string): Promise<ModelInputs | undefined> {
  const path = join(folder, 'model.txt');
  await writeFile(path, text);
  return inputsOf(path);
}

describe('LightGBM’s text', () => {
  it('names its inputs, which are categories, and what the codes stand for', async () => {
    expect(inputsOf(join(MODELS, 'named.txt'))).toEqual({
      width: 3,
      columns: [
        { name: 'distance', kind: 'number' },
        { name: 'plane.seats', kind: 'number' },
        { name: 'carrier', kind: 'category', categories: ['AA', 'B6', 'DL'] },
      ],
      isByName: false,
    });
  });

  it('has their number where it was trained on a bare array', async () => {
    expect(inputsOf(join(MODELS, 'unnamed.txt'))).toEqual({ width: 2, columns: undefined, isByName: false });
  });

  it('gives no categories where it lists more of them, or fewer, than it has columns of codes', async () => {
    const head = 'tree\nversion=v4\nmax_feature_idx=1\nfeature_names=a b\nfeature_infos=none 0:1\n\nend of trees\n';
    expect(await inputsOfText(`${head}\npandas_categorical:[["x"], ["y"]]\n`)).toMatchObject({
      columns: [{ name: 'a' }, { name: 'b', kind: 'category' }],
      hasUnplacedLists: true,
    });
    expect((await inputsOfText(head))?.columns?.[1].categories).toBeUndefined();
  });

  it('is told from other texts by its first lines', async () => {
    await writeFile(join(folder, 'labels.txt'), 'oak tree\nash tree\n');
    expect(findModelFiles(join(folder, 'labels.txt'))).toEqual([]);
  });
});

describe('scikit-learn’s skops', () => {
  it('names its inputs, of a pipeline those of its first step', async () => {
    expect(inputsOf(join(MODELS, 'pipeline.skops'))).toEqual({
      width: 2,
      columns: [{ name: 'distance' }, { name: 'plane.seats' }],
      isByName: false,
    });
  });

  it('has their number where it was trained on a bare array', async () => {
    expect(inputsOf(join(MODELS, 'unnamed.skops'))).toEqual({ width: 2, columns: undefined, isByName: false });
  });
});

describe('ONNX', () => {
  it('has the width of its one matrix', async () => {
    expect(inputsOf(join(MODELS, 'matrix.onnx'))).toEqual({ width: 2, columns: undefined, isByName: false });
  });

  it('names inputs of one column each, with their types', async () => {
    expect(inputsOf(join(MODELS, 'columns.onnx'))).toEqual({
      width: 3,
      columns: [
        { name: 'distance', kind: 'number' },
        { name: 'plane_seats', kind: 'integer' },
        { name: 'carrier', kind: 'string' },
      ],
      isByName: true,
    });
  });

  it.each([
    ['a free width says nothing', [['rows', 'any']], { width: undefined }],
    [
      'inputs of several columns are added',
      [
        ['rows', 3],
        ['rows', 1],
      ],
      { width: 4, columns: undefined },
    ],
    ['one input of one column is a matrix of one', [['rows', 1]], { width: 1, columns: undefined }],
  ])('%s', async (_, shapes, expected) => {
    const inputs = shapes.map((shape, index) => ({ name: `x${index}`, type: 'float' as const, shape }));
    const outputs = inputs.map(({ type, shape }, index) => ({ name: `y${index}`, type, shape }));
    const nodes = inputs.map(({ name }, index) => ({ op: 'Identity', inputs: [name], outputs: [`y${index}`] }));
    const path = join(folder, 'made.onnx');
    await writeFile(path, onnxModel(inputs, outputs, nodes));
    expect(inputsOf(path)).toMatchObject(expected);
  });
});

it('finds the models of a folder, and leaves all else alone', async () => {
  const names = findModelFiles(MODELS).map(({ name }) => name);
  expect(names).toEqual([
    'columns.onnx',
    'matrix.onnx',
    'named.txt',
    'pipeline.skops',
    'trees.json',
    'trees.ubj',
    'unnamed.skops',
    'unnamed.txt',
  ]);
});

it('says which path is not there', () => {
  expect(() => findModelFiles(join(folder, 'absent'))).toThrow('modelUri names absent, which does not exist.');
});

it('rejects a file that is cut off', async () => {
  const path = join(folder, 'cut.skops');
  await copyFile(join(MODELS, 'unnamed.skops'), path);
  const { truncate } = await import('node:fs/promises');
  await truncate(path, 5000);
  expect(() => inputsOf(path)).toThrow('it is no zip');
});
