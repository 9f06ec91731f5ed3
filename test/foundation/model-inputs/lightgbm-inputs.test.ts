import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isLightgbm, lightgbmInputs } from '../../../foundation/model-inputs/lightgbm-inputs.ts';
import type { ModelColumn } from '../../../foundation/model-inputs/model-inputs.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-lightgbm-'));
  path = join(folder, 'model.txt');
});
afterAll(() => rm(folder, { recursive: true }));

const name = fc.stringMatching(/^[a-z][a-z0-9_.=é]{0,9}$/);
const column = fc.oneof(
  name.map((each): ModelColumn => ({ name: each })),
  name.map((each): ModelColumn => ({ name: each, kind: 'number' })),
  fc.record({
    name,
    kind: fc.constant('category' as const),
    categories: fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 5 }), { minLength: 1, maxLength: 4 }),
  }),
);

/** The text of a model without trees, as GBDT::SaveModelToString writes it. */
function modelText(columns: readonly ModelColumn[], end: string): string {
  const infos = columns.map(({ kind, categories }) => {
    if (kind === undefined) return 'none';
    return kind === 'number' ? '[-1.5:2e+300]' : ['-1', ...categories!.keys()].join(':');
  });
  const lists = columns.flatMap(({ categories }) => (categories ? [categories] : []));
  return [
    'tree',
    'version=v4',
    `max_feature_idx=${columns.length - 1}`,
    `feature_names=${columns.map((each) => each.name).join(' ')}`,
    `feature_infos=${infos.join(' ')}`,
    '',
    'end of trees',
    '',
    `pandas_categorical:${lists.length === 0 ? 'null' : JSON.stringify(lists)}`,
    '',
  ].join(end);
}

it('reads what a model names, whatever the names and categories are, and however lines end', async () => {
  const columns = fc.uniqueArray(column, { selector: (each) => each.name, minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(columns, fc.constantFrom('\n', '\r\n'), async (all, end) => {
      await writeFile(path, modelText(all, end));
      expect(isLightgbm(path)).toBe(true);
      expect(lightgbmInputs(path)).toEqual({ width: all.length, columns: all, isByName: false });
    }),
    { numRuns: 60 },
  );
});

it.each(['\u2028', '\u2029'])(
  'reads a category of which %j is a part, that JSON does not escape',
  async (separator) => {
    const columns: ModelColumn[] = [{ name: 'a', kind: 'category', categories: [`b${separator}c`] }];
    await writeFile(path, modelText(columns, '\n'));
    expect(lightgbmInputs(path)).toEqual({ width: 1, columns, isByName: false });
  },
);

it('says nothing of a text that ends before it names anything', async () => {
  await writeFile(path, 'tree\nversion=v4\n');
  expect(lightgbmInputs(path)).toBeUndefined();
});
