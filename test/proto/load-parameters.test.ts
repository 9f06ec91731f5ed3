import { expect, test } from 'vitest';
import { loadParameters, readLoadParameters } from '../../proto/load-parameters.ts';
import { inferenceService } from '../../proto/service.ts';

test('the features of a model travel with the load, in their order', () => {
  const features = [
    { name: 'b', type: 'double' },
    { name: 'plane.seats', type: 'int64' },
  ];
  const { requestSerialize, requestDeserialize } = inferenceService.RepositoryModelLoad;
  const request = requestDeserialize(requestSerialize({ model_name: 'm', parameters: loadParameters(features) }));
  expect(readLoadParameters(request.parameters)).toEqual(features);
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
