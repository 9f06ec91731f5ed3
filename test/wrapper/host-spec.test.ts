import { expect, test } from 'vitest';
import { parseConfig } from '../../config/load.ts';
import { codesKey } from '../../foundation/codes-key.ts';
import { hostSpec, type HostSpec } from '../../wrapper/host-spec.ts';

function specOf(wrapper: string, model?: string, stateDir?: string, environment: NodeJS.ProcessEnv = {}): HostSpec {
  const yaml = `version: 1
project: test
inputs: { instance: { a: double, kind: string } }
models:
  m:
    features:
      - { name: a, from: instance.a }
      - { name: kind, from: instance.kind, categories: [x, y] }
      - { name: text, from: instance.kind, default: none }
    wrapper: { ${wrapper} }
server: { stateDir: state }
`;
  const { checked, problems } = parseConfig(yaml, '/srv/app/tandem.yaml', {});
  if (checked === undefined) throw new Error(JSON.stringify(problems));
  return hostSpec(checked, model, { environment, cpus: 8 }, stateDir);
}

test('paths are relative to the YAML, a category travels as a number and a text as a text', () => {
  expect(specOf('predictor: ./p.ts, modelUri: model, tensors: columns, dtype: float32')).toEqual({
    model: 'm',
    predictor: '/srv/app/p.ts',
    modelUri: '/srv/app/model',
    trustPickle: false,
    features: [
      { name: 'a', type: 'double', datatype: 'FP32' },
      { name: 'kind', type: 'string', datatype: 'FP32', codes: codesKey(['x', 'y']) },
      { name: 'text', type: 'string', datatype: 'BYTES' },
    ],
    tensors: 'columns',
    dtype: 'float32',
    target: 'unix:/srv/app/state/m.sock',
    replicas: 1,
    threads: 8,
    batching: undefined,
    socketMode: 0o600,
    hangAfterMs: 10_000,
    drainTimeoutMs: 10_000,
    logLevel: 'info',
    cacheDir: '/srv/app/state/compile-cache',
  });
});

test('the state folder of the command line wins over that of the YAML', () => {
  expect(specOf('predictor: ./p.ts, tensors: columns', 'm', '/run/t').target).toBe('unix:/run/t/m.sock');
});

test('modelUri is a path or a file: URL', () => {
  expect(specOf('predictor: onnx, tensors: columns, modelUri: "file:///models/m"').modelUri).toBe('/models/m');
  expect(() => specOf('predictor: onnx, tensors: columns, modelUri: "s3://bucket/m"')).toThrow(
    'models.m.wrapper.modelUri is a path or a file: URL; s3:// is not read.',
  );
});

test('a model without code runs in Python, ONNX only where an interpreter is named', () => {
  const of = (wrapper: string): Partial<HostSpec> => specOf(`${wrapper}, tensors: columns, modelUri: model`);
  for (const predictor of ['lightgbm', 'xgboost', 'sklearn']) {
    expect(of(`predictor: ${predictor}, python: bin/python`)).toMatchObject({
      predictor,
      python: '/srv/app/bin/python',
    });
    expect(of(`predictor: ${predictor}`).python).toMatch(/python/);
  }
  expect(of('predictor: onnx')).not.toHaveProperty('python');
  expect(of('predictor: onnx, python: python3.12')).toMatchObject({ predictor: 'onnx', python: 'python3.12' });
  expect(of('predictor: sklearn, trustPickle: true').trustPickle).toBe(true);
});

test('what is missing is named', () => {
  expect(() => specOf('tensors: columns')).toThrow('models.m.wrapper names no predictor');
  for (const predictor of ['onnx', 'sklearn']) {
    expect(() => specOf(`predictor: ${predictor}, tensors: columns`)).toThrow(
      `models.m.wrapper.modelUri is missing; \`predictor: ${predictor}\` opens it.`,
    );
  }
  expect(() => specOf('predictor: ./p.ts, tensors: columns', 'x')).toThrow('There is no model "x"; there are m.');
});
