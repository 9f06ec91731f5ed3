import { expect, test } from 'vitest';
import { codesKey } from '../../foundation/codes-key.ts';
import { loadKey, loadParameters, readLoadParameters } from '../../proto/load-parameters.ts';
import { inferenceService } from '../../proto/service.ts';

test('the features of a model travel with the load, in their order', () => {
  const features = [
    { name: 'b', type: 'double' },
    { name: 'plane.seats', type: 'int64', datatype: 'FP32' },
  ];
  const layout = { features, tensors: 'columns', dtype: 'float32' } as const;
  const { requestSerialize, requestDeserialize } = inferenceService.RepositoryModelLoad;
  const request = requestDeserialize(requestSerialize({ model_name: 'm', parameters: loadParameters(layout) }));
  expect(readLoadParameters(request.parameters)).toEqual(layout);
});

test('a load without features names none', () => {
  expect(readLoadParameters(undefined)).toBeUndefined();
  expect(readLoadParameters({})).toBeUndefined();
});

test('features that are no list of names and types are INVALID_INPUT', () => {
  for (const text of ['', '{', '{}', '[1]', '[{"name":"a"}]']) {
    expect(() => readLoadParameters({ 'tandem.features': { string_param: text } })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  }
});

test('a layout that is neither of the two is INVALID_INPUT', () => {
  const parameters = { 'tandem.features': { string_param: '[]' }, 'tandem.tensors': { string_param: 'rows' } };
  expect(() => readLoadParameters(parameters)).toThrow('tandem.tensors is one of matrix, columns');
});

test('both sides make the same key of one load, and another of any other', () => {
  const a = { name: 'a', type: 'double' };
  const layouts = [
    { features: [a] },
    { features: [{ ...a, type: 'int64' }] },
    { features: [{ ...a, codes: codesKey(['x', 'y']) }] },
    { features: [{ ...a, codes: codesKey(['y', 'x']) }] },
    { features: [a, { ...a, name: 'b' }] },
    { features: [{ ...a, name: 'b' }, a] },
    { features: [a], tensors: 'columns' },
    { features: [a], dtype: 'float32' },
  ] as const;
  const keys = layouts.map((layout) => loadKey(loadParameters(layout)));
  expect(new Set(keys).size).toBe(layouts.length);
  const { requestSerialize, requestDeserialize } = inferenceService.RepositoryModelLoad;
  const sent = { model_name: 'm', parameters: loadParameters(layouts[6]) };
  expect(loadKey(requestDeserialize(requestSerialize(sent)).parameters ?? {})).toBe(keys[6]);
});
