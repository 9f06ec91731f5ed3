import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, nearestName } from '../../foundation/nearest.ts';

test('a typo finds the name that was meant', () => {
  const names = ['maxAge', 'store', 'fields', 'key', 'onMissing', 'onError'];
  expect(nearestName('maxage', names)).toBe('maxAge');
  expect(nearestName('sotre', names)).toBe('store');
  expect(nearestName('onMising', names)).toBe('onMissing');
  expect(nearestName('feilds', names)).toBe('fields');
});

test('a name near to nothing finds nothing', () => {
  expect(nearestName('replicas', ['store', 'key'])).toBeUndefined();
  expect(nearestName('ab', ['cd'])).toBeUndefined();
  expect(nearestName('x'.repeat(1000), ['x'.repeat(999)])).toBeUndefined();
  expect(didYouMean('replicas', ['store'])).toBe('');
});

test('one edit of a name of four letters or more always finds it, among names unlike it', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-f]{4,12}$/), fc.nat(), fc.constantFrom('', 'z', 'zz'), (name, at, put) => {
      const index = at % name.length;
      const typo = name.slice(0, index) + put.slice(0, 1) + name.slice(index + 1);
      expect(nearestName(typo, ['0000', name, '1111111'])).toBe(name);
    }),
  );
});
