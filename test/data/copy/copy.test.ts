import { Redis } from 'iovalkey';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CheckedConfig } from '../../../config/checked.ts';
import { copyTables, type CopyOptions, type CopyResult } from '../../../data/copy/copy.ts';
import type { FieldSpec, Row, Store } from '../../../orchestrator/features/source.ts';
import { openLmdbStore } from '../../../orchestrator/features/store/lmdb.ts';
import { packedRows } from '../../../orchestrator/features/store/packed-row.ts';
import { read, statuses } from '../../orchestrator/features/source-contract.ts';
import { openTestStore } from '../../orchestrator/features/store/redis-under-test.ts';
import { RedisServer } from '../../servers/redis.ts';
import { openScratch, type Scratch } from '../scratch.ts';

const YAML = `
version: 1
project: nyc
inputs: { instance: { tailnum: string, n: int64 } }
stores: { old: { type: lmdb }, new: { type: lmdb }, other: { type: lmdb } }
views:
  plane:
    store: old
    key: { tailnum: instance.tailnum }
    fields: { year: int64, share: double, heavy: bool, maker: string, since: timestamp }
  plane_seats: { store: new, table: plane, key: { tailnum: instance.tailnum }, fields: { seats: int64 } }
  count: { store: new, key: { n: instance.n }, fields: { n: int64 } }
  elsewhere: { store: other, key: { n: instance.n }, fields: { n: int64 } }
models: { m: { features: [plane.year, plane_seats.seats, count.n, elsewhere.n] } }
`;
const PLANE: FieldSpec[] = [
  { name: 'year', type: 'int64' },
  { name: 'share', type: 'double' },
  { name: 'heavy', type: 'bool' },
  { name: 'maker', type: 'string' },
  { name: 'since', type: 'timestamp' },
  { name: 'seats', type: 'int64' },
];
const { signal } = new AbortController();
const clock = { epochMs: Date.now, monotonicMs: (): number => performance.now() };

let scratch: Scratch;
let checked: CheckedConfig;
let server: RedisServer;
let databases = 0;
let stores = 0;
const open: Store[] = [];
beforeAll(async () => {
  scratch = await openScratch();
  checked = await scratch.config(YAML);
  server = await RedisServer.start();
});
afterAll(async () => {
  await scratch.remove();
  await server.stop();
});
beforeEach(() => async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
});

/** A store of its own, closed behind the test. */
const OPENERS: Record<string, () => Promise<Store>> = {
  lmdb: () => openLmdbStore({ path: scratch.path(`s${stores++}`), project: 'nyc' }),
  'packed lmdb': () =>
    openLmdbStore({ path: scratch.path(`s${stores++}`), project: 'nyc', encoding: packedRows(() => PLANE) }),
  redis: () => openTestStore({ url: server.url, database: databases++ }),
  'redis of hashes': () => openTestStore({ url: server.url, database: databases++, encoding: 'hash' }),
  'packed redis': () => openTestStore({ url: server.url, database: databases++, encoding: packedRows(() => PLANE) }),
};
async function opened(kind: string): Promise<Store> {
  const store = await OPENERS[kind]();
  open.push(store);
  return store;
}

const write = (store: Store, table: string, ...rows: Row[]): Promise<number> =>
  store.sink(table).write(rows, { signal });
const copy = (from: Store, to: Store | undefined, options: Partial<CopyOptions> = {}): Promise<CopyResult> =>
  copyTables({
    checked,
    from: { name: 'old', store: from },
    to: { name: 'new', ...(to ? { store: to } : {}) },
    clock,
    signal,
    ...options,
  });
const cells = async (store: Store, key: string, fields = PLANE): Promise<unknown[]> => {
  const block = await read(store.source('plane'), [key], fields);
  return [...block.values.map(([value]) => value), block.timestampMs[0], ...statuses(block)];
};
const tableOf = ({ tables }: CopyResult, name = 'plane') => tables.find(({ table }) => table === name);

/** What no encoding may lose: the ends of each type, nulls, escapes, a time and none. */
const PLANES: Row[] = [
  {
    key: 'a%7Cb|Zürich',
    values: {
      year: Number.MAX_SAFE_INTEGER,
      share: -0,
      heavy: true,
      maker: 'BOEING “737”\n',
      since: '2013-05-05T13:00:00.001Z',
      seats: -1,
    },
    timestampMs: Date.UTC(2013, 0, 5, 10) + 7,
  },
  {
    key: 'nulls',
    values: { year: null, share: null, heavy: null, maker: null, since: null, seats: null },
    timestampMs: -1,
  },
  {
    key: 'untimed',
    values: { year: 0, share: 5e-324, heavy: false, maker: '', since: '1969-12-31T23:59:59Z', seats: 0 },
  },
];

describe('copying', () => {
  test.each([
    ['lmdb', 'redis'],
    ['redis', 'lmdb'],
    ['packed lmdb', 'redis of hashes'],
    ['redis of hashes', 'packed redis'],
    ['packed redis', 'packed lmdb'],
    ['lmdb', 'lmdb'],
  ])('from %s to %s keeps every value, status and time, bit for bit', async (one, other) => {
    const [from, to] = [await opened(one), await opened(other)];
    await write(from, 'plane', ...PLANES);
    await write(
      from,
      'count',
      ...Array.from({ length: 2500 }, (_, n) => ({ key: `${n}`, values: { n }, timestampMs: n })),
    );
    await write(from, 'elsewhere', { key: '1', values: { n: 1 } });
    const result = await copy(from, to);
    const well = { kept: 0, gone: 0, bad: 0, differing: 0 };
    expect(result).toEqual({
      tables: [
        { table: 'plane', rows: 3, written: 3, ...well },
        { table: 'count', rows: 2500, written: 2500, ...well },
      ],
      listed: [],
      ended: 'done',
    });
    for (const { key } of PLANES) expect(await cells(to, key)).toEqual(await cells(from, key));
    expect((await cells(to, PLANES[0].key)).slice(0, 2)).toEqual([Number.MAX_SAFE_INTEGER, -0]);
    const counts = await read(
      to.source('count'),
      Array.from({ length: 2500 }, (_, n) => `${n}`),
      [{ name: 'n', type: 'int64' }],
    );
    expect([...counts.values[0]]).toEqual(Array.from({ length: 2500 }, (_, n) => n));
    expect(await to.isEmpty('elsewhere')).toBe(true);
  });

  test('takes the tables that are named, of those that views read from either store', async () => {
    const [from, to] = [await opened('lmdb'), await opened('lmdb')];
    await write(from, 'plane', ...PLANES);
    expect((await copy(from, to, { tables: ['count'] })).tables.map(({ table }) => table)).toEqual(['count']);
    expect(await to.isEmpty('plane')).toBe(true);
    await expect(copy(from, to, { tables: ['plan'] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'No view reads a table "plan" of these stores, did you mean `plane`?.',
    });
  });

  test('leaves out what cannot be decoded, and lists it: no value becomes another', async () => {
    const [from, to] = [await opened('lmdb'), await opened('redis')];
    const good = PLANES[0].values;
    await write(
      from,
      'plane',
      { key: 'good', values: good },
      { key: 'big', values: { ...good, year: '9007199254740993' } },
      { key: 'text', values: { ...good, share: 'x', heavy: 1 } },
    );
    await write(from, 'count', { key: '1', values: { n: 'x' } });
    const result = await copy(from, to);
    expect(tableOf(result)).toMatchObject({ rows: 3, written: 1, bad: 2 });
    expect(result.listed).toEqual([
      {
        table: 'plane',
        key: 'big',
        problems: [{ field: 'year', problem: 'is no int64, or beyond 2^53, where it cannot be read exactly' }],
      },
      {
        table: 'plane',
        key: 'text',
        problems: [
          { field: 'share', problem: 'is no double' },
          { field: 'heavy', problem: 'is no bool' },
        ],
      },
      { table: 'count', key: '1', problems: [{ field: 'n', problem: expect.stringContaining('is no int64') }] },
    ]);
    expect((await cells(to, 'big')).slice(-6)).toEqual(Array.from({ length: 6 }, () => 'NOT_FOUND'));
  });

  test('lists rows that are no rows, and counts keys that hold nothing of them', async () => {
    const raw = new Redis({ port: server.port, db: databases });
    const [from, to] = [await opened('redis of hashes'), await opened('lmdb')];
    await raw.set('nyc:plane:text', 'no hash');
    await raw.hset('nyc:plane:other', { unknown: 1 });
    await raw.hset('nyc:plane:good', { year: 1, unknown: 1 });
    raw.disconnect();
    const result = await copy(from, to, { tables: ['plane'] });
    expect(tableOf(result)).toMatchObject({ rows: 3, written: 1, gone: 1, bad: 1 });
    expect(result.listed).toEqual([{ table: 'plane', key: 'text', problems: [{ problem: 'cannot be decoded' }] }]);
  });

  test('lists a row that the other store refuses', async () => {
    const [from, to] = [await opened('redis'), await opened('lmdb')];
    const key = 'N'.repeat(3000);
    await write(from, 'count', { key, values: { n: 1 } }, { key: '2', values: { n: 2 } });
    const result = await copy(from, to, { tables: ['count'] });
    expect(tableOf(result, 'count')).toMatchObject({ rows: 2, written: 1, bad: 1, differing: 0 });
    expect(result.listed).toMatchObject([
      { key, problems: [{ problem: expect.stringContaining('takes keys up to 1900') }] },
    ]);
  });

  test('leaves newer rows in place, which is no difference then', async () => {
    const [from, to] = [await opened('lmdb'), await opened('redis')];
    const row = (n: number, timestampMs: number): Row => ({ key: '1', values: { n }, timestampMs });
    await write(from, 'count', row(1, 1000), { ...row(1, 1000), key: '2' });
    await write(to, 'count', row(2, 2000), { ...row(2, 500), key: '2' });
    const result = await copy(from, to, { tables: ['count'], sink: { newest: true } });
    expect(tableOf(result, 'count')).toMatchObject({ rows: 2, written: 1, kept: 1, differing: 0 });
    const { values } = await read(to.source('count'), ['1', '2'], [{ name: 'n', type: 'int64' }]);
    expect([...values[0]]).toEqual([2, 1]);
  });

  test('gives rows an expiry, or says that the store knows none', async () => {
    const from = await opened('lmdb');
    await write(from, 'count', { key: '1', values: { n: 1 } });
    const raw = new Redis({ port: server.port, db: databases });
    await copy(from, await opened('redis'), { tables: ['count'], sink: { expiryMs: 60_000 } });
    expect(await raw.pttl('nyc:count:1')).toBeGreaterThan(50_000);
    raw.disconnect();
    await expect(copy(from, await opened('lmdb'), { sink: { expiryMs: 60_000 } })).rejects.toThrow('do not expire');
  });

  test('reads back what it wrote, and lists what is another row there', async () => {
    const [from, to] = [await opened('lmdb'), await opened('lmdb')];
    await write(from, 'plane', ...PLANES);
    // A store that keeps half of what it is given, as one with a bug would.
    const lying: Store = {
      ...to,
      sink: (table, options) => ({
        write: (rows, how) =>
          to.sink(table, options).write(
            rows.slice(1).map((row) => ({ ...row, values: { ...row.values, share: 0.5 }, timestampMs: 5 })),
            how,
          ),
      }),
    };
    const result = await copy(from, lying, { tables: ['plane'] });
    expect(tableOf(result)).toMatchObject({ rows: 3, differing: 3 });
    expect(result.listed.map(({ key }) => key).sort()).toEqual(PLANES.map(({ key }) => key).sort());
    expect(result.listed.find(({ key }) => key === 'nulls')?.problems).toEqual([
      { field: 'share', problem: 'was NULL_VALUE, and is read back as 0.5' },
      { field: '_ts', problem: 'was -1, and is read back as 5' },
    ]);
    const trusting = await copy(from, lying, { tables: ['plane'], verify: false });
    expect(tableOf(trusting)).toMatchObject({ differing: 0 });
  });

  test('without a second store reads all and writes nothing', async () => {
    const from = await opened('lmdb');
    await write(from, 'plane', ...PLANES, { key: 'bad', values: { year: 'x' } });
    const result = await copy(from, undefined);
    expect(tableOf(result)).toMatchObject({ rows: 4, written: 0, bad: 1 });
  });

  test('ends behind the page under way when it is asked to', async () => {
    const [from, to] = [await opened('lmdb'), await opened('lmdb')];
    await write(from, 'count', ...Array.from({ length: 5000 }, (_, n) => ({ key: `${n}`, values: { n } })));
    const stop = new AbortController();
    const result = await copy(from, to, {
      tables: ['count'],
      stop: stop.signal,
      onProgress: ({ rows }) => rows === 2000 && stop.abort(),
    });
    expect(result).toMatchObject({ ended: 'stopped', tables: [{ rows: 2000, written: 2000, differing: 0 }] });
  });

  test('is of two stores, the first of which lists its keys', async () => {
    const [from, to] = [await opened('lmdb'), await opened('lmdb')];
    const same = { from: { name: 'old', store: from }, to: { name: 'old', store: from } };
    await expect(copy(from, to, same)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('name two'),
    });
    await expect(copy({ ...from, keys: undefined }, to)).rejects.toThrow('The store "old" cannot list its keys.');
    const nobody = { from: { name: 'x', store: from }, to: { name: 'y', store: to } };
    await expect(copy(from, to, nobody)).rejects.toThrow('No view reads the store "x" or "y".');
  });
});
