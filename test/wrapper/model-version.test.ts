import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { modelVersion } from '../../wrapper/model-version.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-'));
  await writeFile(join(folder, 'p.ts'), 'export default class {}');
  await mkdir(join(folder, 'model', 'parts'), { recursive: true });
  await writeFile(join(folder, 'model', 'parts', 'weights'), 'abc');
});
afterEach(() => rm(folder, { recursive: true }));

const version = (): Promise<string> =>
  modelVersion({ predictor: join(folder, 'p.ts'), modelUri: join(folder, 'model') });

test('is the same for the same files and another for any changed byte or name', async () => {
  const seen = [await version()];
  expect(await version()).toBe(seen[0]);
  expect(seen[0]).toMatch(/^[0-9a-f]{12}$/);
  await writeFile(join(folder, 'model', 'parts', 'weights'), 'abd');
  seen.push(await version());
  await writeFile(join(folder, 'p.ts'), 'export default class { predict() {} }');
  seen.push(await version());
  await writeFile(join(folder, 'model', 'card'), '');
  seen.push(await version());
  expect(new Set(seen).size).toBe(4);
});

test('of a class without modelUri is its file alone, of a model without code that model alone', async () => {
  const file = join(folder, 'p.ts');
  const bare = await modelVersion({ predictor: file, modelUri: undefined });
  await writeFile(join(folder, 'model', 'card'), '');
  expect(await modelVersion({ predictor: file, modelUri: undefined })).toBe(bare);
  const model = await modelVersion({ predictor: 'onnx', modelUri: file });
  expect(model).not.toBe(bare);
  expect(await modelVersion({ predictor: 'sklearn', modelUri: file })).toBe(model);
});
