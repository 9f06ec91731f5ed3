import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleKeys } from '../../../data/doctor/sample-keys.ts';

const running = new AbortController().signal;
const keysUpTo = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`);

async function* pagesOf(keys: readonly string[], size: number): AsyncGenerator<string[]> {
  for (let at = 0; at < keys.length; at += size) yield keys.slice(at, at + size);
}

describe('a sample of keys', () => {
  test('is all of them where there are no more than it takes', async () => {
    for (const count of [0, 1, 9, 10]) {
      const { keys, ...told } = await sampleKeys(pagesOf(keysUpTo(count), 3), 10, running);
      expect({ keys: keys.toSorted(), told }).toEqual({
        keys: keysUpTo(count).toSorted(),
        told: { counted: count, isWhole: true },
      });
    }
  });

  test('is as large as was asked for, of different keys, and the same however they are listed', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string(), { minLength: 10, maxLength: 500 }),
        fc.integer({ min: 1, max: 50 }),
        async (names, size) => {
          const { keys, counted, isWhole } = await sampleKeys(pagesOf(names, size), 10, running);
          expect({ counted, isWhole, distinct: new Set(keys).size }).toEqual({
            counted: names.length,
            isWhole: true,
            distinct: 10,
          });
          expect((await sampleKeys(pagesOf(names.toReversed(), 7), 10, running)).keys).toEqual(keys);
        },
      ),
    ));

  test('is as if chosen at random: of every tenth, every third and every half there is the share that there is', async () => {
    const { keys } = await sampleKeys(pagesOf(keysUpTo(100_000), 10_000), 1000, running);
    const shareOf = (is: (at: number) => boolean): number => keys.filter((key) => is(Number(key))).length / 1000;
    // Five standard deviations of 1,000 draws: the sample is the same one each time.
    expect(Math.abs(shareOf((at) => at % 10 === 0) - 0.1)).toBeLessThan(0.05);
    expect(Math.abs(shareOf((at) => at % 3 === 0) - 1 / 3)).toBeLessThan(0.08);
    expect(Math.abs(shareOf((at) => at < 50_000) - 0.5)).toBeLessThan(0.08);
  });

  test('has a key once that is listed twice', async () => {
    const { keys, counted } = await sampleKeys(pagesOf(['a', 'b', 'a'], 2), 10, running);
    expect({ keys: keys.toSorted(), counted }).toEqual({ keys: ['a', 'b'], counted: 3 });
  });

  test('is what was there when its time was over, also where the listing breaks off then', async () => {
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<string[]> {
      yield ['a'];
      stop.abort();
      yield ['b'];
      yield ['never'];
    }
    expect(await sampleKeys(endless(), 10, stop.signal)).toMatchObject({ counted: 2, isWhole: false });
    async function* broken(): AsyncGenerator<string[]> {
      yield ['a'];
      throw new Error('called off');
    }
    expect(await sampleKeys(broken(), 10, stop.signal)).toEqual({ keys: ['a'], counted: 1, isWhole: false });
    await expect(sampleKeys(broken(), 10, running)).rejects.toThrow('called off');
  });
});
