import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
include:
  - user.yaml
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
  const alone = parseConfig(merged.replace('include:\n  - user.yaml\n', ''), file, {});
  expect(alone.checked?.config).toEqual({ ...checked?.config, include: [] });
});
