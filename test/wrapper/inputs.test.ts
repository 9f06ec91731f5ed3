import { expect, test } from 'vitest';
import type { RawTensor } from '../../proto/rows.ts';
import { encodeTensor, type TensorData } from '../../proto/tensors.ts';
import type { HostSpec } from '../../wrapper/host-spec.ts';
import { compileInputs, inputTensors } from '../../wrapper/inputs.ts';

function spec(tensors: HostSpec['tensors'], dtype: HostSpec['dtype']): HostSpec {
  const numbers = dtype === 'float32' ? 'FP32' : 'FP64';
  return {
    model: 'm',
    predictor: '/p.ts',
    modelUri: undefined,
    trustPickle: false,
    features: [
      { name: 'a', type: 'double', datatype: numbers },
      { name: 's', type: 'string', datatype: tensors === 'columns' ? 'BYTES' : numbers },
    ],
    tensors,
    dtype,
    target: 'unix:/m.sock',
    replicas: 1,
    threads: 1,
    batching: undefined,
    socketMode: 0o600,
    hangAfterMs: 10_000,
    drainTimeoutMs: 1000,
    logLevel: 'silent',
    cacheDir: '/state/compile-cache',
  };
}

function tensor(name: string, datatype: string, shape: number[], data: TensorData): RawTensor {
  return { name, datatype, shape, raw: encodeTensor(data) };
}

test('metadata tells one matrix, or a tensor a feature', () => {
  expect(inputTensors(spec('matrix', 'float32'))).toEqual([{ name: 'features', datatype: 'FP32', shape: [-1, 2] }]);
  expect(inputTensors(spec('columns', 'float64'))).toEqual([
    { name: 'a', datatype: 'FP64', shape: [-1] },
    { name: 's', datatype: 'BYTES', shape: [-1] },
  ]);
});

test('a matrix of the dtype is a view of the message, where its alignment allows', () => {
  const data = Float64Array.of(1, 2, 3, 4);
  const { matrix } = compileInputs(spec('matrix', 'float64'))([tensor('features', 'FP64', [2, 2], data)], 2);
  expect(matrix).toEqual(data);
  expect(matrix!.buffer).toBe(data.buffer);
});

test('other numbers become the dtype', () => {
  const float64 = compileInputs(spec('matrix', 'float64'));
  const float32 = compileInputs(spec('matrix', 'float32'));
  const sent: [string, TensorData][] = [
    ['FP32', Float32Array.of(1, 2)],
    ['FP64', Float64Array.of(1, 2)],
    ['INT64', BigInt64Array.of(1n, 2n)],
    ['INT32', Int32Array.of(1, 2)],
    ['BOOL', Uint8Array.of(1, 2)],
  ];
  for (const [datatype, data] of sent) {
    const tensors = [tensor('features', datatype, [1, 2], data)];
    expect(float64(tensors, 1).matrix).toEqual(Float64Array.of(1, 2));
    expect(float32(tensors, 1).matrix).toEqual(Float32Array.of(1, 2));
  }
});

test('columns are found by name, in any order, texts as texts', () => {
  const read = compileInputs(spec('columns', 'float64'));
  const a = tensor('a', 'FP64', [2], Float64Array.of(1, 2));
  const s = tensor('s', 'BYTES', [2, 1], ['x', 'y']);
  for (const tensors of [
    [a, s],
    [s, a],
  ]) {
    expect(read(tensors, 2)).toEqual({ matrix: undefined, columns: [Float64Array.of(1, 2), ['x', 'y']] });
  }
});

test('what does not fit is INVALID_INPUT and says what the model takes', () => {
  const columns = compileInputs(spec('columns', 'float64'));
  const a = tensor('a', 'FP64', [1], Float64Array.of(1));
  const s = tensor('s', 'BYTES', [1], ['x']);
  const cases: [RawTensor[], string][] = [
    [[a], 'The model takes a tensor "s", which is missing.'],
    [[a, tensor('s', 'FP64', [1], Float64Array.of(1))], 'The model takes "s" as BYTES, not FP64.'],
    [[tensor('a', 'BYTES', [1], ['x']), s], 'The model takes "a" as numbers, not BYTES.'],
    [[tensor('a', 'FP64', [2], Float64Array.of(1, 2)), s], 'The model takes "a" of shape [1], not [2].'],
  ];
  for (const [tensors, sentence] of cases) expect(() => columns(tensors, 1)).toThrow(sentence);
  expect(() => compileInputs(spec('matrix', 'float64'))([], 1)).toThrow(
    'The model takes one tensor "features", not none.',
  );
});
