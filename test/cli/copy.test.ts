import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tandem, type Ran } from './tandem.ts';

const YAML = `
version: 1
project: nyc
inputs: { instance: { tailnum: string } }
stores: { old: { type: lmdb }, new: { type: lmdb } }
views:
  plane: { store: old, key: { tailnum: instance.tailnum }, fields: { year: int64 } }
  maker: { store: new, key: { tailnum: instance.tailnum }, fields: { since: int64 } }
models: { m: { features: [plane.year, maker.since] } }
`;

let folder: string;
const path = (name: string): string => join(folder, name);
const copy = (...args: string[]): Promise<Ran> => tandem('copy', path('tandem.yaml'), ...args);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-copy-'));
  await writeFile(path('tandem.yaml'), YAML);
  await writeFile(path('planes.csv'), 'tailnum,year\nN1,2004\nN2,\n');
  await tandem('ingest', path('tandem.yaml'), '--view', 'plane', path('planes.csv'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('tandem copy', () => {
  it('tells of each table what it copied', async () => {
    expect(await copy('old', 'new')).toEqual({
      exit: 0,
      out: 'plane: 2 of 2 rows copied and read back alike.\nmaker: no rows.\n',
      err: '',
    });
    expect(await copy('old', 'new', '--table', 'plane', '--no-verify')).toEqual({
      exit: 0,
      out: 'plane: 2 of 2 rows copied.\n',
      err: '',
    });
    const store = open<string, string>({ path: path('.tandem/new'), encoding: 'string' });
    expect(store.get('nyc:plane:N1')).toBe('{"year":2004}');
    await store.close();
  });

  it('writes nothing in a dry run', async () => {
    const ran = await copy('new', 'old', '--dry-run', '--table', 'maker', '--table', 'plane');
    expect(ran.exit).toBe(0);
    expect(ran.out).toContain('rows can be copied, and none is (--dry-run).');
  });

  it('lists rows that cannot be decoded, exits 1, and tells machines in JSON', async () => {
    const store = open<string, string>({ path: path('.tandem/old'), encoding: 'string' });
    await store.put('nyc:plane:N3', '{"year":9007199254740993}');
    await store.flushed;
    expect(await copy('old', 'new', '--table', 'plane')).toEqual({
      exit: 1,
      out: 'plane: 2 of 3 rows copied and read back alike, 1 bad.\n',
      err: 'plane N3: field year is no int64, or beyond 2^53, where it cannot be read exactly\n',
    });
    const { exit, out } = await copy('old', 'new', '--table', 'plane', '--json');
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      tables: [{ table: 'plane', rows: 3, written: 2, bad: 1 }],
      listed: [{ table: 'plane', key: 'N3' }],
      ended: 'done',
    });
    await store.remove('nyc:plane:N3');
    await store.close();
  });

  it.each([
    [['old'], "missing required argument 'to'"],
    [['old', 'nwe'], 'There is no store "nwe", did you mean `new`?'],
    [['old', 'old'], 'A store is copied to another one: name two.'],
    [['old', 'new', '--table', 'plan'], 'No view reads a table "plan" of these stores, did you mean `plane`?'],
    [['old', 'new', '--expiry', '1d'], 'Rows of an lmdb store do not expire.'],
  ])('exits 2 for %j', async (args, problem) => {
    const { exit, out, err } = await copy(...args);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(problem);
  });
});
