import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckedFeature } from '../../../config/checked.ts';
import { compareFeatures } from '../../../wrapper/check-model/compare-features.ts';
import type { ModelColumn, ModelInputs } from '../../../foundation/model-inputs/model-inputs.ts';

function feature(name: string, rest: Partial<CheckedFeature> = {}): CheckedFeature {
  return {
    name,
    from: name,
    type: 'double',
    categories: undefined,
    unknown: 'null',
    nulls: 'keep',
    default: undefined,
    ...rest,
  };
}

function inputs(columns: ModelColumn[], isByName = false): ModelInputs {
  return { width: columns.length, columns, isByName };
}

/** Differences as `[feature] severity rule message`. */
function told(features: CheckedFeature[], model: ModelInputs): string[] {
  return compareFeatures(features, model, 'm').map(
    ({ feature: index, severity, rule, message }) => `${index ?? '-'} ${severity} ${rule} ${message}`,
  );
}

it('finds nothing where names, order and types agree, whatever a format writes for a dot or white space', () => {
  const features = [feature('plane.seats'), feature('mean delay')];
  expect(told(features, inputs([{ name: 'plane_seats' }, { name: 'mean_delay', kind: 'number' }]))).toEqual([]);
});

it('compares the number alone where the model has no names, and nothing where it takes any', () => {
  const features = [feature('a'), feature('b')];
  expect(told(features, { width: 2, columns: undefined, isByName: false })).toEqual([]);
  expect(told(features, { width: undefined, columns: undefined, isByName: false })).toEqual([]);
  expect(told(features, { width: 1, columns: undefined, isByName: false })).toEqual([
    '- error MODEL_FEATURES m takes 1 column, and the YAML lists 2',
  ]);
});

it('says what is missing, what is too much, and of two that are near that they may be one', () => {
  expect(told([feature('late_share'), feature('hour')], inputs([{ name: 'late_shares' }, { name: 'tz' }]))).toEqual([
    '- error MODEL_FEATURES `late_shares` is missing: it is input 1 of m, is it `late_share`?',
    '- error MODEL_FEATURES `tz` is missing: it is input 2 of m',
    '0 error MODEL_FEATURES `late_share` is too much: m has no such input, did you mean `late_shares`?',
    '1 error MODEL_FEATURES `hour` is too much: m has no such input',
  ]);
});

it('tells the order once, at the first that stands elsewhere, and not of inputs that are fed by name', () => {
  const features = ['a', 'c', 'b'].map((name) => feature(name));
  const columns = ['a', 'b', 'c'].map((name) => ({ name }));
  expect(told(features, inputs(columns))).toEqual([
    '1 error MODEL_FEATURE_ORDER the features are in another order than the inputs of m: `c` is 2, not 3, `b` is 3, not 2',
  ]);
  expect(told(features, inputs(columns, true))).toEqual([]);
});

describe('types', () => {
  const text = feature('x', { type: 'string', default: 'none' });
  const coded = feature('x', { type: 'string', categories: ['a', 'b'] });
  it.each<[string, CheckedFeature, Omit<ModelColumn, 'name'>, string[]]>([
    [
      'text for a number',
      text,
      { kind: 'number' },
      ['0 error MODEL_FEATURE_TYPE `x` goes as text, and m takes a number'],
    ],
    [
      'a number for text',
      feature('x'),
      { kind: 'string' },
      ['0 error MODEL_FEATURE_TYPE `x` goes as a number, and m takes text'],
    ],
    ['text for text', text, { kind: 'string' }, []],
    [
      'a double for whole numbers',
      feature('x'),
      { kind: 'integer' },
      ['0 warning MODEL_FEATURE_TYPE `x` is a double, and m takes whole numbers'],
    ],
    ['int64 for whole numbers', feature('x', { type: 'int64' }), { kind: 'integer' }, []],
    [
      'a code for a bool',
      coded,
      { kind: 'bool' },
      ['0 warning MODEL_FEATURE_TYPE `x` is a code of a category, and m takes a bool'],
    ],
    [
      'a double for a category',
      feature('x'),
      { kind: 'category' },
      ['0 warning MODEL_FEATURE_TYPE `x` is a double, and m was trained on it as a category'],
    ],
    ['codes for categories that are not listed', coded, { kind: 'category' }, []],
    ['the same codes', coded, { kind: 'category', categories: ['a', 'b'] }, []],
    [
      'a category more',
      coded,
      { kind: 'category', categories: ['a'] },
      ['0 error MODEL_CATEGORIES code 1 of `x` is "b" in the YAML and nothing in m, which has "a"'],
    ],
  ])('%s', (_, given, column, expected) => {
    expect(told([given], inputs([{ name: 'x', ...column }]))).toEqual(expected);
  });
});

it('finds something exactly where the lists of names differ', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
  fc.assert(
    fc.property(names, names, (here, there) => {
      const found = told(
        here.map((name) => feature(name)),
        inputs(there.map((name) => ({ name }))),
      );
      expect(found.length === 0).toBe(here.join() === there.join());
    }),
  );
});
