import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { openStoreModule } from '../../../../orchestrator/features/store/store-module.ts';
import { FIELDS } from '../source-contract.ts';
import { describeStore } from './store-contract.ts';

const SQLITE = join(import.meta.dirname, '../../../../examples/stores/sqlite.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-module-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const openModule = (file: string, options: Record<string, string> = {}): Promise<Store> =>
  openStoreModule('online', {
    project: 'nyc',
    file,
    options,
    fieldsOf: () => FIELDS,
    now: () => performance.now(),
    random: () => 0.5,
  });

describeStore('of a module (SQLite)', async () => {
  const file = join(folder, `${Math.random()}.sqlite`);
  const store = await openModule(SQLITE, { file });
  const other = new DatabaseSync(file);
  const put = other.prepare('INSERT OR REPLACE INTO features VALUES (?, ?)');
  return {
    store,
    async writeRaw(table, key, value) {
      put.run(`nyc:${table}:${key}`, value);
    },
    async close() {
      other.close();
      await store.close();
    },
  };
});

describe('a store module that is none', () => {
  let count = 0;
  const openText = async (text: string): Promise<Store> => {
    const file = join(folder, `store-${count++}.ts`);
    await writeFile(file, text);
    return openModule(file);
  };

  test.each([
    ['export const open = () => ({});', /store-\d+\.ts has no default export that is a function/],
    ['export default () => ({ source() {}, close() {} });', /gives a store without sink, isEmpty/],
    ['export default () => undefined;', /gives a store without source, sink, isEmpty, close/],
    ['export default () => { throw new Error("no keyspace"); };', /could not open it: no keyspace/],
    ['export default (', /cannot be imported/],
    ['import "not-installed-anywhere";', /does not exist, or imports what does not/],
  ])('is refused by its name: %s', async (text, message) => {
    await expect(openText(text)).rejects.toMatchObject({ code: 'NOT_READY', message: expect.stringMatching(message) });
  });

  test('that is not there is refused by its name', async () => {
    await expect(openModule(join(folder, 'gone.ts'))).rejects.toMatchObject({
      message: 'The store "online": gone.ts does not exist, or imports what does not.',
    });
  });
});
