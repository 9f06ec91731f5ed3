import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { isXgboost, xgboostInputs } from '../../../foundation/model-inputs/xgboost-inputs.ts';

const MODELS = fileURLToPath(new URL('../../check-load/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tandem-xgboost-'));
afterAll(() => rmSync(folder, { recursive: true }));

function made(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const NAMED = {
  width: 3,
  columns: [
    { name: 'distance', kind: 'number' },
    { name: 'plane.seats', kind: 'number' },
    { name: 'carrier', kind: 'category' },
  ],
  isByName: false,
};

it.each(['trees.ubj', 'trees.json'])('reads the names and types of %s, as XGBoost saved it', (name) => {
  expect(isXgboost(join(MODELS, name))).toBe(true);
  expect(xgboostInputs(join(MODELS, name))).toEqual(NAMED);
});

it('finds the names behind attributes, of any length and content', () => {
  const attributes = { note: `,"gradient_booster"${'x'.repeat(300_000)}` };
  const json = readFileSync(join(MODELS, 'trees.json'), 'utf8');
  const noted = json.replace('"attributes":{}', () => `"attributes":${JSON.stringify(attributes)}`);
  expect(noted.length).toBeGreaterThan(json.length);
  expect(xgboostInputs(made('noted.json', noted))).toEqual(NAMED);
  const bytes = readFileSync(join(MODELS, 'trees.ubj'));
  const at = bytes.indexOf('attributes{') + 'attributes{'.length;
  const entry = [word('note'), Buffer.from('S'), word(attributes.note)];
  const ubjson = Buffer.concat([bytes.subarray(0, at), ...entry, bytes.subarray(at)]);
  expect(xgboostInputs(made('noted.ubj', ubjson))).toEqual(NAMED);
});

/** A text of UBJSON behind its marker: `L`, an int64, and the bytes. */
function word(text: string): Buffer {
  const length = Buffer.alloc(9);
  length.write('L');
  length.writeBigInt64BE(BigInt(Buffer.byteLength(text)), 1);
  return Buffer.concat([length, Buffer.from(text)]);
}

it('says nothing of a model that was trained on a bare array', () => {
  const json = readFileSync(join(MODELS, 'trees.json'), 'utf8').replace(
    /"feature_names":\[.*?\]/,
    '"feature_names":[]',
  );
  expect(xgboostInputs(made('bare.json', json))).toBeUndefined();
});

it('is told from other JSON, and from one that is cut off', () => {
  expect(isXgboost(made('card.json', '{"learners": 3}'))).toBe(false);
  for (const name of ['trees.ubj', 'trees.json']) {
    const cut = made(name, readFileSync(join(MODELS, name)).subarray(0, 120));
    expect(() => xgboostInputs(cut)).toThrow('it ends before it names its inputs');
  }
});
