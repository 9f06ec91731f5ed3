import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rememberRows } from '../../../orchestrator/features/remembered-rows.ts';
import type { FieldSpec, FetchOptions } from '../../../orchestrator/features/source.ts';
import { rowsSource, valuesOf } from '../planted.ts';

const ROWS = {
  a: { n: 1, s: 'x', _ts: '2013-01-01T00:00:00Z' },
  b: { n: null, s: 'y' },
  c: { n: 'wrong', s: null },
  d: { n: 4, s: 'z' },
};
const FIELDS: FieldSpec[] = [
  { name: 'n', type: 'double' },
  { name: 's', type: 'string' },
];
const OPTIONS: FetchOptions = { asOfMs: 0, deadlineMs: Infinity, signal: new AbortController().signal };
const keysOf = (text: string[]) => ({ count: text.length, text });

describe('rememberRows', () => {
  it('asks for each key once, while there is room', async () => {
    const source = rowsSource(ROWS);
    const remembered = rememberRows(source, 10);
    await remembered.fetch(keysOf(['a', 'b']), FIELDS, OPTIONS);
    await remembered.fetch(keysOf(['b', 'nowhere', 'a']), FIELDS, OPTIONS);
    await remembered.fetch(keysOf(['nowhere', 'a']), FIELDS, OPTIONS);
    expect(source.asked).toEqual([['a', 'b'], ['nowhere']]);
  });

  it('answers what its source would, whatever was asked before', async () => {
    const request = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), async (requests) => {
        const remembered = rememberRows(rowsSource(ROWS), 5);
        for (const keys of requests) {
          const got = await remembered.fetch(keysOf(keys), FIELDS, OPTIONS);
          const wanted = await rowsSource(ROWS).fetch(keysOf(keys), FIELDS, OPTIONS);
          expect(got.values.map((values) => valuesOf({ values }))).toEqual(
            wanted.values.map((values) => valuesOf({ values })),
          );
          expect(got.states.map((states) => [...states])).toEqual(wanted.states.map((states) => [...states]));
          expect([...got.timestampMs]).toEqual([...wanted.timestampMs]);
        }
      }),
    );
  });
});
