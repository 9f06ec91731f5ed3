import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLmdbStore } from '../../../../orchestrator/features/store/lmdb.ts';
import { packedRows } from '../../../../orchestrator/features/store/packed-row.ts';
import type { RowEncoding } from '../../../../orchestrator/features/store/row-encoding.ts';
import { describeNewest, testSpelledTimes } from './newest-contract.ts';
import { NEWEST, raceOfTwoWriters } from './newest-race.ts';
import type { StoreUnderTest } from './store-contract.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-newest-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function underTest(name: string, encoding?: RowEncoding): Promise<StoreUnderTest> {
  const store = await openLmdbStore({ path: join(folder, name), project: 'nyc', encoding });
  const raw = open<Buffer, string>({ path: join(folder, name), encoding: 'binary' });
  return {
    store,
    async writeRaw(table, key, value) {
      await raw.put(`nyc:${table}:${key}`, Buffer.from(value));
    },
    close: () => store.close(),
  };
}

const N = [{ name: 'n', type: 'int64' as const }];
describeNewest('lmdb', () => underTest('json'));
testSpelledTimes('lmdb', () => underTest('spelled'));
describeNewest('lmdb, packed', () =>
  underTest(
    'packed',
    packedRows(() => N),
  ),
);

test('two processes that write the same keys at once leave the newest row of each', async () => {
  const path = join(folder, 'race');
  const store = await openLmdbStore({ path, project: 'nyc' });
  expect(await raceOfTwoWriters(store, 'lmdb', path, 'json')).toEqual(NEWEST);
  await store.close();
});

test('a write that is cancelled between two transactions ends there', async () => {
  const store = await openLmdbStore({ path: join(folder, 'cancelled'), project: 'nyc' });
  const stop = new AbortController();
  const rows = Array.from({ length: 10_000 }, (_, at) => ({ key: `k${at}`, values: { n: at }, timestampMs: at }));
  const writing = store.sink('plane', { newest: true }).write(rows, { signal: stop.signal });
  stop.abort();
  await expect(writing).rejects.toMatchObject({ code: 'CANCELLED' });
  const { values } = store.source('plane').fetch({ count: 2, text: ['k0', 'k9999'] }, N, {
    asOfMs: 0,
    deadlineMs: Infinity,
    signal: new AbortController().signal,
  }) as { values: Float64Array[] };
  expect([...values[0]]).toEqual([0, Number.NaN]);
  await store.close();
});
