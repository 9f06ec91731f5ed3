import { describe, expect, test } from 'vitest';
import { readAhead } from '../../data/read-ahead.ts';

/** Numbers, with the story of when each is made and when the making ends. */
function numbers(events: string[], count: number, failAt = Infinity): AsyncIterable<number> {
  return (async function* make() {
    try {
      for (let at = 0; at < count; at++) {
        events.push(`make ${at}`);
        await Promise.resolve();
        if (at === failAt) throw new Error(`no ${at}`);
        yield at;
      }
    } finally {
      events.push('end');
    }
  })();
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('reading ahead', () => {
  test('makes the next item while one is used, and not the one after it', async () => {
    const events: string[] = [];
    for await (const item of readAhead(numbers(events, 4))) {
      await turn();
      events.push(`use ${item}`);
    }
    expect(events).toEqual(['make 0', 'make 1', 'use 0', 'make 2', 'use 1', 'make 3', 'use 2', 'end', 'use 3']);
  });

  test('gives a failure at its turn, behind the items before it', async () => {
    const events: string[] = [];
    const used: number[] = [];
    const using = async (): Promise<void> => {
      for await (const item of readAhead(numbers(events, 4, 2))) {
        await turn();
        used.push(item);
      }
    };
    await expect(using()).rejects.toThrow('no 2');
    expect(used).toEqual([0, 1]);
    expect(events.at(-1)).toBe('end');
  });

  test.each([Infinity, 1])(
    'ends the making for who leaves early, when what is made is done (failing at %d)',
    async (failAt) => {
      const events: string[] = [];
      for await (const item of readAhead(numbers(events, 4, failAt))) {
        events.push(`use ${item}`);
        break;
      }
      expect(events.filter((event) => !event.startsWith('use'))).toEqual(['make 0', 'make 1', 'end']);
    },
  );
});
