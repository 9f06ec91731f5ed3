import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLmdbStore } from '../../../../orchestrator/features/store/lmdb.ts';
import { judgeDisk } from '../../../../orchestrator/features/store/lmdb-inspect.ts';
import { packedRows } from '../../../../orchestrator/features/store/packed-row.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-lmdb-'));
});
afterAll(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();
const asked = { signal, deadlineMs: Infinity };

describe('an embedded store says of itself', () => {
  test('its version, what it takes of its disk and what is left there', async () => {
    const path = join(folder, 'online');
    const store = await openLmdbStore({ path, project: 'nyc' });
    await store.sink('plane').write([{ key: 'a', values: { n: 1 } }], { signal });
    const { server, facts, findings } = await store.inspect!(asked);
    expect(server).toEqual({ name: 'lmdb', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(facts).toEqual({
      fileBytes: (await stat(join(path, 'data.mdb'))).size,
      mapBytes: expect.any(Number),
      freeDiskBytes: expect.any(Number),
      rowsOfAllTables: 1,
    });
    expect(findings).toEqual([]);
    await store.close();
  });

  test('that its disk has less room than it takes itself', () => {
    expect(judgeDisk(2048, 2048)).toEqual([]);
    expect(judgeDisk(3 * 1024 ** 3, 1024 ** 3)).toMatchObject([
      { code: 'DISK_NEARLY_FULL', severity: 'warning', message: expect.stringContaining('1GiB free') },
    ]);
  });

  test.each([
    ['json', undefined, 15],
    ['packed', packedRows(() => []), 2 * 34],
  ])('what its rows take (%s); no memory, and no row that is gone', async (name, encoding, valueBytes) => {
    const store = await openLmdbStore({ path: join(folder, name), project: 'nyc', encoding });
    const rows = [
      { key: 'a', values: { n: 1 } },
      { key: 'Zürich', values: { n: 23 } },
    ];
    await store.sink('plane').write(rows, { signal });
    const bytes = await store.rowBytes!('plane', ['a', 'nobody', 'Zürich'], asked);
    expect(bytes).toEqual({ rows: 2, keyBytes: 28, valueBytes, memoryBytes: null });
    await store.close();
  });
});

describe('a file that is none of LMDB', () => {
  const spoiled = async (change: (bytes: Buffer) => Buffer): Promise<Promise<unknown>> => {
    const path = join(folder, `spoiled-${Math.random()}`);
    const store = await openLmdbStore({ path, project: 'nyc' });
    await store.sink('plane').write([{ key: 'a', values: { n: 1 } }], { signal });
    await store.close();
    const other = `${path}-copy`;
    await mkdir(other);
    await writeFile(join(other, 'data.mdb'), change(await readFile(join(path, 'data.mdb'))));
    return openLmdbStore({ path: other, project: 'nyc' }).then((opened) => opened.close());
  };

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['other bytes', ({ length }) => randomBytes(length)],
    ['zeros', ({ length }) => Buffer.alloc(length)],
    ['a first page of zeros', (bytes) => bytes.fill(0, 0, 4096)],
    ['a second page of zeros', (bytes) => bytes.fill(0, 4096, 8192)],
    ['a copy that broke off in its first page', (bytes) => bytes.subarray(0, 4096)],
    ['a few bytes', (bytes) => bytes.subarray(0, 7)],
  ])('is refused in a sentence, where LMDB would end the process: %s', async (_, change) => {
    await expect(spoiled(change)).rejects.toMatchObject({
      code: 'NOT_READY',
      message: expect.stringContaining('data.mdb of an lmdb store is no LMDB file'),
    });
  });

  test('is not one that is whole, or empty', async () => {
    await expect(spoiled((bytes) => bytes)).resolves.toBeUndefined();
    await expect(spoiled(() => Buffer.alloc(0))).resolves.toBeUndefined();
  });
});
