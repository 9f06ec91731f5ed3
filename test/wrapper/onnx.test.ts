import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkAnswer } from '../../wrapper/answer.ts';
import { openOnnx } from '../../wrapper/predictors/onnx.ts';
import { LiveRequest } from '../../wrapper/request.ts';
import { onnxModel, SUM_AND_LARGEST, type ModelValue } from './onnx-bytes.ts';

const X: ModelValue = { name: 'x', type: 'float', shape: ['n', 2] };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

function request(matrix: Float64Array | Float32Array): LiveRequest {
  return new LiveRequest(['a', 'b'], matrix.length / 2, { matrix, columns: [] }, undefined);
}

test('a file serves all outputs of the model by name, integers as numbers', async () => {
  const { outputs, predict } = await openOnnx(await write('m.onnx', SUM_AND_LARGEST), 2);
  expect(outputs).toEqual([
    { name: 'sum', datatype: 'FP64', shape: [-1, 1] },
    { name: 'largest', datatype: 'FP64', shape: [-1] },
  ]);
  for (const matrix of [Float64Array.of(1, 2, 4, 3), Float32Array.of(1, 2, 4, 3)]) {
    expect(checkAnswer(await predict(request(matrix)), 2)).toEqual([
      { name: 'sum', shape: [2, 1], data: Float64Array.of(3, 7) },
      { name: 'largest', shape: [2], data: Float64Array.of(1, 0) },
    ]);
  }
});

test('calls at the same time keep their rows apart', async () => {
  const { predict } = await openOnnx(await write('m.onnx', SUM_AND_LARGEST), 2);
  const sums = await Promise.all(
    Array.from({ length: 50 }, async (_, at) => checkAnswer(await predict(request(Float64Array.of(at, 1))), 1)[0].data),
  );
  expect(sums.map(([sum]) => sum)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
});

test('NaN goes in, as missing values do, and a NaN that comes out is no answer', async () => {
  const { predict } = await openOnnx(await write('m.onnx', SUM_AND_LARGEST), 2);
  const answer = await predict(request(Float64Array.of(1, Number.NaN)));
  expect(() => checkAnswer(answer, 1)).toThrow('Output "sum" of `predict` returned NaN for row 0');
});

test('a folder holds exactly one .onnx file', async () => {
  await expect(openOnnx(folder, 2)).rejects.toThrow('holds exactly one .onnx file; there is none.');
  await write('m.onnx', SUM_AND_LARGEST);
  await write('card.json', Buffer.from('{}'));
  expect((await openOnnx(folder, 2)).outputs).toHaveLength(2);
  await write('n.onnx', SUM_AND_LARGEST);
  await expect(openOnnx(folder, 2)).rejects.toThrow('there is m.onnx, n.onnx.');
});

test('a file that is not there, or is no model, is named', async () => {
  await expect(openOnnx(join(folder, 'gone.onnx'), 2)).rejects.toThrow(
    'modelUri names gone.onnx, which does not exist.',
  );
  const broken = await write('broken.onnx', Buffer.from('not a model'));
  await expect(openOnnx(broken, 2)).rejects.toThrow('onnxruntime cannot open broken.onnx; the log says why.');
});

const identity = (input: ModelValue) =>
  onnxModel([input], [{ ...input, name: 'y' }], [{ op: 'Identity', inputs: [input.name], outputs: ['y'] }]);

test('a model whose input the features do not fit says what it takes', async () => {
  const wide = await write('wide.onnx', identity({ ...X, shape: ['n', 3] }));
  await expect(openOnnx(wide, 2)).rejects.toThrow(
    'wide.onnx takes "x" float32[n, 3]; the model\'s features make float32 [N, 2].',
  );
  const double = await write('double.onnx', identity({ ...X, type: 'double' }));
  await expect(openOnnx(double, 2)).rejects.toThrow(
    'double.onnx takes "x" float64[n, 2]; `predictor: onnx` feeds one float32 input [N, F].',
  );
  const fixed = await write('fixed.onnx', identity({ ...X, shape: [1, 2] }));
  await expect(openOnnx(fixed, 2)).rejects.toThrow('fixed.onnx takes "x" float32[1, 2]');
  const two = onnxModel(
    [X, { ...X, name: 'z' }],
    [{ ...X, name: 'y' }],
    [{ op: 'Add', inputs: ['x', 'z'], outputs: ['y'] }],
  );
  await expect(openOnnx(await write('two.onnx', two), 2)).rejects.toThrow(
    'two.onnx takes "x" float32[n, 2], "z" float32[n, 2]; `predictor: onnx` feeds one float32 input [N, F].',
  );
});
