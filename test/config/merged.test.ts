import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig, parseConfig } from '../../config/load.ts';
import { mergedYaml } from '../../config/merged.ts';

const FILES = {
  'tandem.yaml': `version: 1
project: shop
include: [user.yaml]
inputs: { instance: { user: string, price: double } }
models:
  sales:
    features: [instance.price, user.age]
    fallback: { cel: '0.20' }
    deadline: \${DEADLINE:-150ms}
    partial: true
`,
  'user.yaml': `stores: { online: { type: lmdb } }
views:
  user: { store: online, key: { id: instance.user }, fields: { age: int64 } }
`,
  'prod.yaml': `models: { sales: { deadline: "\${DEADLINE:-80ms}", features: [user.age, instance.price] } }
limits: { instances: 10 }
`,
};

test('a file, its includes and overlays are one YAML, which says what came from elsewhere and checks the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-merged-'));
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
  const [file, overlay] = [join(folder, 'tandem.yaml'), join(folder, 'prod.yaml')];
  const merged = mergedYaml(file, { DEADLINE: '1s' }, [overlay], folder);
  const { checked } = loadConfig(file, {}, [overlay]);
  await rm(folder, { recursive: true });
  expect(merged).toBe(`version: 1
project: shop
inputs:
  instance:
    user: string
    price: double
models:
  sales:
    # prod.yaml:1
    features:
      - user.age
      - instance.price
    fallback:
      cel: '0.20'
    deadline: "\${DEADLINE:-80ms}" # prod.yaml:1
    partial: true
# user.yaml:1
stores:
  online:
    type: lmdb
# user.yaml:2
views:
  user:
    store: online
    key:
      id: instance.user
    fields:
      age: int64
# prod.yaml:2
limits:
  instances: 10
`);
  const alone = parseConfig(merged, file, {});
  expect(alone.checked?.config).toEqual({ ...checked?.config, include: [] });
});

/** What YAML could take for something else, or write in several lines. */
// prettier-ignore
const ODD_VALUES = [
  '~', 'null', 'yes', 'True', '1e3', '1.0', '0.10', '-0', '0x10', '0o17', '0600', "'0600'", '1_000', '.inf',
  '.nan', "''", '""', "'it''s'", '" a "', '"# x"', 'a#b', '"a: b"', '"- a"', '"~"', '"true"', '"%a"', '"---\\na"',
  '"a\\r\\nb"', '"\\n"', '"\\u0000"', '"\\u2028"', '"😀"', '"line \\\n    on"', '|\n    a\n\n    b\n',
  '|-\n    a\n', '|+\n    a\n\n',
  '>-\n    a\n    b\n\n    c\n', '|\n', '|-\n', '!!str 12', '&x 5', '{}', '[]', '[[], {}]', '"${A:-x}"',
];
const YAML_1_2 = { version: '1.2', schema: 'core' } as const;

test('whatever a value is and whichever file has it, the merged YAML has the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-merged-'));
  const [file, overlay] = [join(folder, 'tandem.yaml'), join(folder, 'over.yaml')];
  const written = fc.oneof(
    fc.constantFrom(...ODD_VALUES).map((value) => `version: 1\nx: ${value}\ny:\n  z: ${value}\nlast: 1\n`),
    fc
      .tuple(
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'),
      )
      .map(([text, type]) =>
        stringify({ x: text, y: [text, { z: text }] }, { defaultStringType: type, lineWidth: 20, version: '1.2' }),
      ),
  );
  await fc.assert(
    fc.asyncProperty(written, fc.boolean(), async (text, isOverlay) => {
      // The library folds between the halves of a surrogate pair, which no file can hold.
      fc.pre(text.isWellFormed());
      await writeFile(file, isOverlay ? 'x: 0\n' : text);
      await writeFile(overlay, isOverlay ? text : '');
      const merged = mergedYaml(file, {}, [overlay], folder);
      expect(parse(merged, YAML_1_2)).toEqual(parse(text, YAML_1_2));
    }),
    { numRuns: 200 },
  );
  await rm(folder, { recursive: true });
});
