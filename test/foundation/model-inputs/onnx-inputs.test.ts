import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxInputs } from '../../../foundation/model-inputs/onnx-inputs.ts';
import { onnxModel, type ModelExtras, type ModelValue } from '../../wrapper/onnx-bytes.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-onnx-'));
  path = join(folder, 'model.onnx');
});
afterAll(() => rm(folder, { recursive: true }));

const value = (name: string, shape: ModelValue['shape'], type: ModelValue['type'] = 'float'): ModelValue => ({
  name,
  type,
  shape,
});
const RISK = value('risk', ['rows', 1]);

function modelBytes(inputs: ModelValue[], extras: ModelExtras = {}): Uint8Array {
  return onnxModel(inputs, [RISK], [{ op: 'Identity', inputs: ['features'], outputs: ['risk'] }], extras);
}

async function inputsOf(inputs: ModelValue[], extras?: ModelExtras): Promise<ReturnType<typeof onnxInputs>> {
  await writeFile(path, modelBytes(inputs, extras));
  return onnxInputs(path);
}

describe('the property `feature_names`', () => {
  const named = (names: string): ModelExtras => ({ properties: { author: 'me', feature_names: names } });

  it('names the columns of the one matrix, also of one that is as wide as they are', async () => {
    const expected = { width: 2, columns: [{ name: 'a' }, { name: 'plane.seats' }], isByName: false };
    const extras = named('["a", "plane.seats"]');
    expect(await inputsOf([value('features', ['rows', 2])], extras)).toEqual(expected);
    expect(await inputsOf([value('features', ['rows', 'any'])], extras)).toEqual(expected);
  });

  it('is refused where it names another number of columns', async () => {
    const inputs = inputsOf([value('features', ['rows', 3])], named('["a", "b"]'));
    await expect(inputs).rejects.toThrow('its feature_names are 2, and its input has 3 columns');
  });

  it.each(['a,b', '[1, 2]'])('that is %s is not ours', async (text) => {
    expect((await inputsOf([value('features', ['rows', 2])], named(text)))?.columns).toBeUndefined();
  });
});

it('leaves out weights that are listed as inputs, as old exporters do', async () => {
  const inputs = [value('features', ['rows', 4]), value('slope', [1])];
  expect(await inputsOf(inputs, { weights: ['slope', 'bias'] })).toMatchObject({ width: 4 });
});

it('never hangs over bytes that are no model, and says that they are none', async () => {
  const sound = modelBytes([value('a', ['rows', 1]), value('b', ['rows', 1], 'string')]);
  const damaged = fc.tuple(fc.nat(sound.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = Uint8Array.from(sound);
    bytes[at] = byte;
    return bytes;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
      await writeFile(path, bytes);
      let told: string | undefined;
      try {
        onnxInputs(path);
      } catch (error) {
        told = (error as Error).message;
      }
      expect(['it is no ONNX model', undefined]).toContain(told);
    }),
    { numRuns: 300 },
  );
});
