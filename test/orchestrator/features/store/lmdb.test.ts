import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLmdbStore } from '../../../../orchestrator/features/store/lmdb.ts';
import { packedRows } from '../../../../orchestrator/features/store/packed-row.ts';
import type { RowEncoding } from '../../../../orchestrator/features/store/row-encoding.ts';
import type { Columns } from '../../../../orchestrator/plan/column.ts';
import { FIELDS } from '../source-contract.ts';
import { describeStore, type StoreUnderTest } from './store-contract.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-lmdb-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const openIn = (name: string) => openLmdbStore({ path: join(folder, name), project: 'nyc' });
const options = { asOfMs: 0, deadlineMs: Infinity, signal: new AbortController().signal };

async function underTest(path: string, encoding?: RowEncoding): Promise<StoreUnderTest> {
  const store = await openLmdbStore({ path: join(folder, path), project: 'nyc', encoding });
  const raw = open<Buffer, string>({ path: join(folder, path), encoding: 'binary' });
  return {
    store,
    async writeRaw(table, key, value) {
      await raw.put(`nyc:${table}:${key}`, Buffer.from(value));
    },
    close: () => store.close(),
  };
}

describeStore('lmdb', () => underTest('contract'));
describeStore('lmdb, packed', () =>
  underTest(
    'packed',
    packedRows(() => FIELDS),
  ),
);
describeStore('lmdb, packed without declared fields', () =>
  underTest(
    'untyped',
    packedRows(() => []),
  ),
);

describe('an embedded store', () => {
  test('answers without a promise', async () => {
    const store = await openIn('sync');
    expect(store.source('plane').fetch({ count: 0, text: [] }, [], options)).not.toBeInstanceOf(Promise);
    await store.close();
  });

  test("another process's rows are seen while both have it open, and a killed writer leaves only whole rows", async () => {
    const store = await openIn('shared');
    const read = (key: string): Columns =>
      store.source('plane').fetch({ count: 1, text: [key] }, [{ name: 'at', type: 'int64' }], options) as Columns;
    expect(read('last').values[0][0]).toBeNaN();
    const writer = fork(fileURLToPath(new URL('./lmdb-writer.ts', import.meta.url)), [folder], {
      execPath: process.execPath,
    });
    const seen: number[] = [];
    for (let at = 0; at < 20; at++) {
      const [written] = (await once(writer, 'message')) as [number];
      // The read transaction is renewed at the next turn of the timers, not later.
      while (!((read('last').values[0][0] as number) >= written)) await setImmediate();
      const value = read('last').values[0][0] as number;
      seen.push(value);
    }
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    expect(seen.toSorted((a, b) => a - b)).toEqual(seen);
    const fields = ['at', 'twice'].map((name) => ({ name, type: 'int64' as const }));
    const text = Array.from({ length: 500 }, (_, at) => `k${at}`);
    const rows = store.source('plane').fetch({ count: text.length, text }, fields, options) as Columns;
    for (let row = 0; row < text.length; row++) {
      expect(rows.values[1][row]).toBe(2 * (rows.values[0][row] as number));
    }
    await store.close();
  });
});
