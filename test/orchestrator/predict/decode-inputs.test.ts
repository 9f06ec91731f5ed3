import { describe, expect, it } from 'vitest';
import type { AppError } from '../../../foundation/errors.ts';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import { newFrame, type Frame } from '../../../orchestrator/plan/frame.ts';
import type { Call } from '../../../orchestrator/predict/call.ts';
import { compileDecoder, countInstances } from '../../../orchestrator/predict/decode-inputs.ts';
import { callOf, checkedOf, valuesOf } from '../planted.ts';

const plan = (extra = '') =>
  compilePlan(
    checkedOf(`
version: 1
project: p
inputs:
  request: { at: timestamp, unused: string }
  instance: { user: int64, km: double, ok: bool, name: "string?", spare: double }
${extra}
stores: { online: { type: lmdb } }
views: { profile: { store: online, key: { user: instance.user }, fields: { age: int64 } } }
models:
  m: { features: [instance.km, instance.ok, profile.age, request.at, { name: named, from: instance.name, categories: [a] }] }
`),
  );

function decode(
  call: Partial<Call> & Pick<Call, 'instances'>,
  extra = '',
): { frame: Frame; ignored: number; value: (name: string) => unknown } {
  const compiled = plan(extra);
  const full = callOf({ request: { at: '2013-05-05T13:00:00Z' }, ...call });
  const frame = newFrame(compiled.slotCount, countInstances(full.instances, 1000), false);
  const counted = { ignored: 0 };
  compileDecoder(compiled, compiled.models.get('m')!, counted)(full, frame);
  const inputs = [...compiled.requestInputs, ...compiled.instanceInputs];
  return {
    frame,
    ignored: counted.ignored,
    value: (name) => valuesOf({ values: frame.values[inputs.find((input) => input.name === name)!.slot] }),
  };
}

function problems(call: Partial<Call> & Pick<Call, 'instances'>): unknown {
  try {
    decode(call);
  } catch (error) {
    return (error as AppError).details;
  }
  return undefined;
}

const GOOD = { user: 1, km: 2.5, ok: true };

describe('decoding inputs', () => {
  it('reads objects and columns into the same frame', () => {
    const objects = decode({ instances: { objects: [GOOD, { user: '2', km: 3, ok: false, name: 'a' }] } });
    const columns = decode({
      instances: { rows: 2, columns: { user: [1, '2'], km: [2.5, 3], ok: [true, false], name: [null, 'a'] } },
    });
    for (const name of ['instance.user', 'instance.km', 'instance.ok', 'instance.name', 'request.at']) {
      expect(columns.value(name)).toEqual(objects.value(name));
    }
    expect(objects.value('request.at')).toEqual([Date.UTC(2013, 4, 5, 13)]);
    expect(objects.value('instance.name')).toEqual([null, 'a']);
  });

  it('takes columns of numbers as they are, NaN being null', () => {
    const { value } = decode({
      instances: { rows: 2, columns: { user: Float64Array.of(1, 2), km: Float64Array.of(0.5, 1), ok: [true, true] } },
    });
    expect(value('instance.user')).toEqual([1, 2]);
    const missing = { rows: 1, columns: { user: [1], km: Float64Array.of(NaN), ok: [true] } };
    expect(problems({ instances: missing })).toEqual([{ instance: 0, field: 'km', problem: 'is required (double)' }]);
  });

  it('keeps an int64 beyond 2^53 exact for keys, and refuses one that JSON has rounded', () => {
    const { frame } = decode({ instances: { objects: [{ ...GOOD, user: '9007199254740993' }] } });
    const text = plan().views.get('profile')!.key[0].slot!;
    expect(frame.values[text]).toEqual(['9007199254740993']);
    expect(problems({ instances: { objects: [{ ...GOOD, user: 2 ** 53 }] } })).toEqual([
      { instance: 0, field: 'user', problem: 'is beyond 2^53, where JSON numbers round: send it as a decimal string' },
    ]);
    expect(problems({ instances: { objects: [{ ...GOOD, user: '9223372036854775808' }] } })).toEqual([
      { instance: 0, field: 'user', problem: 'does not fit an int64' },
    ]);
  });

  it('does not ask for an input that the model does not read', () => {
    expect(problems({ instances: { objects: [GOOD] } })).toBeUndefined();
    const unread = { ...GOOD, spare: null };
    expect(problems({ instances: { objects: [unread] } })).toBeUndefined();
    const columns = { user: [1], km: [2.5], ok: [true] };
    expect(problems({ instances: { rows: 1, columns: { ...columns, spare: [null] } } })).toBeUndefined();
    expect(problems({ instances: { rows: 1, columns: { ...columns, spare: Float64Array.of(NaN) } } })).toBeUndefined();
    expect(problems({ request: { at: '2013-05-05T13:00:00Z', unused: 5 }, instances: { objects: [GOOD] } })).toEqual([
      { field: 'request.unused', problem: 'must be a string, is 5' },
    ]);
  });

  it.each([
    [{ ...GOOD, km: '2' }, 'km', 'must be a number, is "2"'],
    [{ ...GOOD, km: null }, 'km', 'is required (double)'],
    [{ ...GOOD, ok: 1 }, 'ok', 'must be true or false, is 1'],
    [{ ...GOOD, user: 1.5 }, 'user', 'must be a whole number, is 1.5'],
    [{ ...GOOD, name: {} }, 'name', 'must be a string, is an object'],
    [{ ...GOOD, nam: 'x' }, 'nam', 'is not an input, did you mean "name"?'],
    [{ ...GOOD, constructor: 'x' }, 'constructor', 'is not an input'],
  ])('says what is wrong with %j', (instance, field, problem) => {
    expect(problems({ instances: { objects: [GOOD, instance] } })).toEqual([{ instance: 1, field, problem }]);
  });

  it('names every problem of a request at once, and at most twenty', () => {
    expect(problems({ request: { att: 1 }, instances: { objects: [5, { km: 1 }] } })).toEqual([
      { field: 'request.at', problem: 'is required (timestamp)' },
      { field: 'request.att', problem: 'is not an input, did you mean "at"?' },
      { instance: 0, problem: 'must be an object of inputs' },
      { instance: 1, field: 'user', problem: 'is required (int64)' },
      { instance: 1, field: 'ok', problem: 'is required (bool)' },
    ]);
    expect(problems({ instances: { objects: Array.from({ length: 500 }, () => ({})) } })).toHaveLength(20);
  });

  it('refuses columns of different lengths and timestamps without a zone', () => {
    expect(problems({ instances: { rows: 2, columns: { user: [1, 2], km: [1], ok: [true, true] } } })).toEqual([
      { field: 'inputs.km', problem: 'has 1 values; the other inputs have 2' },
    ]);
    expect(problems({ request: { at: '2013-05-05T13:00:00' }, instances: { objects: [GOOD] } })).toEqual([
      {
        field: 'request.at',
        problem: 'must be a timestamp with a zone (2013-05-05T13:00:00Z), is "2013-05-05T13:00:00"',
      },
    ]);
  });

  it('lets extra inputs pass, and counts them, where the YAML says so', () => {
    const instances = {
      objects: [
        { ...GOOD, other: 1 },
        { ...GOOD, other: 1, more: 2 },
      ],
    };
    expect(decode({ instances }, '  extra: ignore').ignored).toBe(3);
    expect(decode({ instances: { objects: [{ ...GOOD, other: 1 }] } }, '  extra: ignore').value('instance.km')).toEqual(
      [2.5],
    );
  });

  it('wants at least one instance, and no more than the limit', () => {
    expect(() => countInstances({ objects: [] }, 10)).toThrow('no instances');
    expect(() => countInstances({ objects: Array(11) }, 10)).toThrow('at most 10');
  });
});
