import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newNumbers, newSingles, newBytes } from '../../foundation/slab.ts';

const MAKERS = [newNumbers, newSingles, newBytes];

describe('arrays from slabs', () => {
  it('never share memory, over many slabs, and begin as zeros', () => {
    const request = fc.record({ maker: fc.nat(MAKERS.length - 1), length: fc.integer({ min: 0, max: 9000 }) });
    fc.assert(
      fc.property(fc.array(request, { minLength: 100, maxLength: 300, size: 'max' }), (requests) => {
        const arrays = requests.map(({ maker, length }, at) => {
          const array = MAKERS[maker](length);
          expect(array.every((value) => value === 0)).toBe(true);
          return array.fill((at % 250) + 1);
        });
        for (const [at, array] of arrays.entries()) expect(array.every((value) => value === (at % 250) + 1)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});
