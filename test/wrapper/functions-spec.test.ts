import { expect, it } from 'vitest';
import type { CheckedConfig } from '../../config/checked.ts';
import { hostSpecs } from '../../wrapper/functions-spec.ts';
import { checkedOf } from '../orchestrator/planted.ts';

const checkedWith = (wrapper: string): CheckedConfig =>
  checkedOf(`
version: 1
project: p
inputs: { instance: { km: double, carrier: string } }
onDemand:
  near: { type: double, function: ./f.py:close, batch: true, args: { km: instance.km, by: instance.carrier } }
models:
  m: { features: [near], wrapper: { python: /opt/bin/python, ${wrapper} } }
  n: { features: [instance.km], wrapper: { predictor: ./n.ts } }
server: { stateDir: state }`);
const checked = checkedWith('predictor: ./m.ts, hangAfter: 2s, socketMode: "0660"');
const MACHINE = { environment: {}, cpus: 4 };
const modelsOf = (...args: Parameters<typeof hostSpecs>): string[] => hostSpecs(...args).map(({ model }) => model);

it('a model’s functions are hosted beside its predictor, by the interpreter of its wrapper', () => {
  expect(hostSpecs(checked, 'm', MACHINE, {})[1]).toEqual({
    model: 'm.functions',
    predictor: '/project/f.py',
    functions: [
      {
        feature: 'near',
        type: 'double',
        file: '/project/f.py',
        called: 'close',
        args: [
          { name: 'km', type: 'double' },
          { name: 'by', type: 'string' },
        ],
      },
    ],
    python: '/opt/bin/python',
    modelUri: undefined,
    trustPickle: false,
    features: [
      { name: 'near.km', type: 'double', datatype: 'FP64' },
      { name: 'near.by', type: 'string', datatype: 'BYTES' },
    ],
    tensors: 'columns',
    dtype: 'float64',
    target: expect.stringMatching(/^unix:\/project\/state\/m\.functions-[0-9a-f]{8}\.sock$/) as string,
    replicas: 1,
    threads: 4,
    batching: undefined,
    socketMode: 0o660,
    hangAfterMs: 2000,
    drainTimeoutMs: 10_000,
    logLevel: 'info',
    cacheDir: '/project/state/compile-cache',
  });
});

it('one of the two may be asked for, and a model without functions has its predictor', () => {
  expect(modelsOf(checked, 'm', MACHINE, {})).toEqual(['m', 'm.functions']);
  expect(modelsOf(checked, 'm', MACHINE, { only: 'predictor' })).toEqual(['m']);
  expect(modelsOf(checked, 'm', MACHINE, { only: 'functions' })).toEqual(['m.functions']);
  expect(modelsOf(checked, 'n', MACHINE, {})).toEqual(['n']);
  expect(() => hostSpecs(checked, 'n', MACHINE, { only: 'functions' })).toThrow(
    'No feature of the model "n" is a function.',
  );
});

it('a model that another server hosts has its functions all the same', () => {
  const elsewhere = checkedWith('address: 127.0.0.1:8001');
  expect(modelsOf(elsewhere, 'm', MACHINE, {})).toEqual(['m.functions']);
  expect(() => hostSpecs(elsewhere, 'm', MACHINE, { only: 'predictor' })).toThrow(
    'models.m.wrapper names no predictor',
  );
});
