import { describe, expect, it } from 'vitest';
import { compileMatrix, type Matrix } from '../../../orchestrator/matrix/matrix.ts';
import type { Values } from '../../../orchestrator/plan/column.ts';
import { Source, stateOf, Status } from '../../../orchestrator/plan/column.ts';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import { newFrame, type Frame } from '../../../orchestrator/plan/frame.ts';
import type { Tensor } from '../../../orchestrator/plan/tensor.ts';
import { checkedOf } from '../planted.ts';

const YAML = (features: string, wrapper = '') => `
version: 1
project: p
inputs:
  request: { time: "timestamp?", season: "string?", temp: "double?" }
  instance: { km: "double?", ok: "bool?", carrier: "string?", seats: "int64?" }
models: { m: { features: [${features}], wrapper: { ${wrapper} } } }
`;

interface Inputs {
  'request.time'?: number;
  'request.season'?: string | null;
  'request.temp'?: number;
  'instance.km'?: number[];
  'instance.ok'?: number[];
  'instance.carrier'?: (string | null)[];
  'instance.seats'?: number[];
}

/** The matrix of a YAML, and a frame whose columns hold these values. */
function matrixOf(yaml: string, rows: number, inputs: Inputs): { matrix: Matrix; frame: Frame } {
  const plan = compilePlan(checkedOf(yaml));
  const frame = newFrame(plan.slotCount, rows, true);
  for (const { name, slot, type, perInstance } of [...plan.requestInputs, ...plan.instanceInputs]) {
    const given = inputs[name as keyof Inputs];
    const values = given === undefined ? [] : [given].flat();
    frame.values[slot] = type === 'string' ? (values as Values) : Float64Array.from(values as number[]);
    frame.states[slot] = new Uint8Array(perInstance ? rows : 1).fill(stateOf(Status.PRESENT, Source.request));
  }
  return { matrix: compileMatrix(plan.models.get('m')!), frame };
}

function tensorsOf(yaml: string, rows: number, inputs: Inputs, picked?: number[]): Tensor[] {
  const { matrix, frame } = matrixOf(yaml, rows, inputs);
  return matrix.tensors(frame, picked && Int32Array.from(picked));
}

describe('one matrix', () => {
  it('is row-major, in the order of the features, with what is per request repeated', () => {
    const [tensor, ...others] = tensorsOf(YAML('instance.km, request.temp, instance.seats'), 2, {
      'instance.km': [1, 2],
      'request.temp': 70,
      'instance.seats': [100, 200],
    });
    expect(others).toEqual([]);
    expect(tensor).toEqual({
      name: 'features',
      datatype: 'FP64',
      shape: [2, 3],
      data: Float64Array.of(1, 70, 100, 2, 70, 200),
    });
  });

  it('has timestamps as epoch seconds, bools as 0 and 1, null as NaN', () => {
    const [{ data }] = tensorsOf(YAML('request.time, instance.ok, instance.km'), 2, {
      'request.time': Date.UTC(2013, 4, 5, 13, 0, 0, 500),
      'instance.ok': [1, 0],
      'instance.km': [NaN, -0],
    });
    const seconds = Date.UTC(2013, 4, 5, 13) / 1000 + 0.5;
    expect(data).toStrictEqual(Float64Array.of(seconds, 1, NaN, seconds, 0, -0));
  });

  it('has float32 where the YAML says so', () => {
    const [tensor] = tensorsOf(YAML('instance.km', 'dtype: float32'), 1, { 'instance.km': [0.1] });
    expect(tensor).toMatchObject({ datatype: 'FP32', data: Float32Array.of(0.1) });
  });

  it('has the instances that can be scored only, where some cannot', () => {
    const yaml = YAML('instance.km, request.temp, { name: c, from: instance.carrier, categories: [AA, UA] }');
    const inputs: Inputs = {
      'instance.km': [1, 2, 3],
      'request.temp': 70,
      'instance.carrier': ['UA', 'AA', null],
    };
    expect(tensorsOf(yaml, 3, inputs, [2, 0])[0]).toMatchObject({
      shape: [2, 3],
      data: Float64Array.of(3, 70, NaN, 1, 70, 1),
    });
    expect(tensorsOf(yaml, 3, inputs, [])[0]).toMatchObject({ shape: [0, 3], data: new Float64Array(0) });
  });
});

describe('categories', () => {
  const codes = (unknown: string): number[] => {
    const yaml = YAML(`{ name: c, from: instance.carrier, categories: [AA, UA]${unknown} }`);
    const [{ data }] = tensorsOf(yaml, 5, { 'instance.carrier': ['UA', 'AA', 'XX', null, 'constructor'] });
    return Array.from(data as Float64Array);
  };

  it('are the index in the list; unknown ones are null, or the code that the YAML has for them', () => {
    expect(codes('')).toEqual([1, 0, NaN, NaN, NaN]);
    expect(codes(', unknown: null')).toEqual([1, 0, NaN, NaN, NaN]);
    expect(codes(', unknown: -1')).toEqual([1, 0, -1, NaN, -1]);
  });

  it('have null as NaN, or as the code that the YAML has for it', () => {
    expect(codes(', nulls: keep')).toEqual([1, 0, NaN, NaN, NaN]);
    expect(codes(', nulls: -1')).toEqual([1, 0, NaN, -1, NaN]);
    expect(codes(', nulls: 2, unknown: 3')).toEqual([1, 0, 3, 2, 3]);
  });

  it('fail an instance for null where the YAML says so, and for nothing else', () => {
    const yaml = YAML('{ name: c, from: instance.carrier, categories: [AA], nulls: fail }');
    const { matrix, frame } = matrixOf(yaml, 3, { 'instance.carrier': ['XX', 'AA', null] });
    expect(
      matrix.categoryFailures(frame).map(({ row, error }) => [row, error.code, error.details[0]?.problem]),
    ).toEqual([[2, 'INVALID_INPUT', 'is null']]);
  });

  it('fail their instance where the YAML says so, of the whole request every one', () => {
    const fails = (from: string, inputs: Inputs) => {
      const { matrix, frame } = matrixOf(
        YAML(`{ name: c, from: ${from}, categories: [AA], unknown: fail }`),
        3,
        inputs,
      );
      return matrix.categoryFailures(frame).map(({ row, error }) => ({ row, code: error.code, ...error.details[0] }));
    };
    const problem = '"XX" is not one of its categories';
    expect(fails('instance.carrier', { 'instance.carrier': ['XX', 'AA', null] })).toEqual([
      { row: 0, code: 'INVALID_INPUT', instance: 0, field: 'c', problem },
    ]);
    expect(fails('request.season', { 'request.season': 'XX' }).map(({ row }) => row)).toEqual([0, 1, 2]);
    const [{ problem: long }] = fails('request.season', { 'request.season': 'X'.repeat(1000) });
    expect(long.length).toBeLessThan(80);
  });

  it('are of a request repeated over its rows', () => {
    const yaml = YAML('{ name: c, from: request.season, categories: [dry, wet] }');
    expect(tensorsOf(yaml, 3, { 'request.season': 'wet' })[0].data).toEqual(Float64Array.of(1, 1, 1));
  });
});

describe('a tensor a feature', () => {
  const yaml = YAML(
    'instance.km, { name: who, from: instance.carrier, default: nobody }, { name: season, from: request.season, default: dry }, { name: c, from: instance.carrier, categories: [AA] }',
    'tensors: columns',
  );
  const inputs: Inputs = {
    'instance.km': [1, 2, 3],
    'instance.carrier': ['AA', null, 'é'],
    'request.season': null,
  };

  it('has strings as BYTES, with the declared text for null, and numbers as they are', () => {
    expect(tensorsOf(yaml, 3, inputs)).toEqual([
      { name: 'instance.km', datatype: 'FP64', shape: [3], data: Float64Array.of(1, 2, 3) },
      { name: 'who', datatype: 'BYTES', shape: [3], data: ['AA', 'nobody', 'é'] },
      { name: 'season', datatype: 'BYTES', shape: [3], data: ['dry', 'dry', 'dry'] },
      { name: 'c', datatype: 'FP64', shape: [3], data: Float64Array.of(0, NaN, NaN) },
    ]);
  });

  it('has the instances that can be scored only, where some cannot', () => {
    expect(
      tensorsOf(yaml, 3, inputs, [1]).map(({ shape, data }) => ({ shape, data: Array.from<unknown>(data) })),
    ).toEqual([
      { shape: [1], data: [2] },
      { shape: [1], data: ['nobody'] },
      { shape: [1], data: ['dry'] },
      { shape: [1], data: [NaN] },
    ]);
  });
});

describe('shown columns', () => {
  const yaml = YAML('instance.km, { name: c, from: instance.carrier, categories: [AA] }, request.time');
  const inputs: Inputs = { 'instance.km': [1, 2], 'instance.carrier': ['AA', 'XX'], 'request.time': 5000 };

  it('have the values of the matrix with the status and the source of each', () => {
    const { matrix, frame } = matrixOf(yaml, 2, inputs);
    const state = Uint8Array.of(Status.PRESENT, Status.PRESENT);
    const source = Uint8Array.of(Source.request, Source.request);
    expect(matrix.columns(frame, undefined)).toEqual([
      { name: 'instance.km', type: 'double', values: Float64Array.of(1, 2), status: state, source },
      { name: 'c', type: 'double', values: Float64Array.of(0, NaN), status: state, source },
      { name: 'request.time', type: 'double', values: Float64Array.of(5, 5), status: state, source },
    ]);
  });

  it('are those that were asked for, in that order; another name is refused', () => {
    const { matrix, frame } = matrixOf(yaml, 2, inputs);
    expect(matrix.columns(frame, ['request.time', 'c']).map(({ name }) => name)).toEqual(['request.time', 'c']);
    expect(() => matrix.columns(frame, ['instance.carrier'])).toThrow('"instance.carrier" is not a feature of "m".');
  });

  it('have the time of each row, the same for all where the row is of the request', () => {
    const timed = YAML('instance.km, request.temp');
    const { matrix, frame } = matrixOf(timed, 2, { 'instance.km': [1, 2], 'request.temp': 1 });
    const [km, temp] = compilePlan(checkedOf(timed)).models.get('m')!.features;
    expect(matrix.columns(frame, undefined)[0]).not.toHaveProperty('timestampMs');
    frame.timestamps[km.slot.slot] = Float64Array.of(10, NaN);
    frame.timestamps[temp.slot.slot] = Float64Array.of(20);
    expect(matrix.columns(frame, undefined).map(({ timestampMs }) => timestampMs)).toEqual([
      Float64Array.of(10, NaN),
      Float64Array.of(20, 20),
    ]);
  });
});
