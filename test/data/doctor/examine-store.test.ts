import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoreExamination } from '../../../data/doctor/examination.ts';
import { examineStore } from '../../../data/doctor/examine-store.ts';
import type { Row, Store } from '../../../orchestrator/features/source.ts';
import { openStore } from '../../../orchestrator/features/store/open-store.ts';
import { RedisServer } from '../../servers/redis.ts';
import { boundsIn, checkedIn, here } from './bounds.ts';

const VIEWS = `
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { year: int64, maker: string }, maxAge: 30d }
  seats: { store: online, table: plane, key: { tail: instance.tail }, fields: { seats: int64 } }
models: { m: { features: [plane.year, seats.seats] } }`;

let folder: string;
let server: RedisServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-doctor-'));
  server = await RedisServer.start('--appendonly', 'yes', '--maxmemory', '100mb');
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const examine = (stores: string, timeoutMs?: number, environment?: Record<string, string>): Promise<StoreExamination> =>
  examineStore('online', checkedIn(folder, `${stores}${VIEWS}`, environment), boundsIn(folder, timeoutMs));

const codesOf = (part: { findings: { code: string }[] }): string[] => part.findings.map(({ code }) => code);

/** Writes through the store as the YAML opens it. */
async function write(stores: string, rows: readonly Row[]): Promise<void> {
  const { now, random } = boundsIn(folder);
  const store: Store = await openStore('online', checkedIn(folder, `${stores}${VIEWS}`), folder, { now, random });
  await store.sink('plane').write(rows, { signal: new AbortController().signal });
  await store.close();
}

const DAY_MS = 86_400_000;
/** 2,000 rows: a quarter without a year, half of them 10 days old, half 40. */
const ROWS = Array.from({ length: 2000 }, (_, at): Row => ({
  key: `N${1000 + at}`,
  values: { year: at % 4 === 0 ? null : 2004, maker: 'BOEING', seats: 150 },
  timestampMs: Date.parse('2013-06-01T00:00:00Z') - (at < 1000 ? 10 : 40) * DAY_MS,
}));

describe.each([
  ['lmdb', 'bytes', () => 'stores: { online: { type: lmdb, path: sound } }'],
  ['lmdb, packed', 'bytes', () => 'stores: { online: { type: lmdb, path: packed, encoding: packed } }'],
  ['redis, json', 'bytes and memory', () => `stores: { online: { type: redis, url: '${server.url}/1', timeout: 5s } }`],
  [
    'redis, hash',
    'bytes and memory',
    () => `stores: { online: { type: redis, url: '${server.url}/2', encoding: hash, timeout: 5s } }`,
  ],
  [
    'a module',
    'nothing',
    () =>
      `stores: { online: { type: '${here('../../../examples/stores/sqlite.ts')}', options: { file: '${folder}/s.sqlite' } } }`,
  ],
])('the rows of a store (%s)', (_, told, storesOf) => {
  let examined: StoreExamination;
  beforeAll(async () => {
    await write(storesOf(), ROWS);
    examined = await examine(storesOf());
  });

  test('are counted, and a thousand of them are what the view makes of them', () => {
    const [plane] = examined.views;
    expect(plane.counted).toEqual({ rows: 2000, isWhole: true });
    expect(plane.rows).toMatchObject({
      sampled: 1000,
      decoded: 1000,
      oldest: '2013-04-22T00:00:00Z',
      newest: '2013-05-22T00:00:00Z',
      untimedShare: 0,
    });
    const { fields, outsideMaxAgeShare } = plane.rows!;
    expect(fields.map(({ name: field, wrongTypeShare }) => [field, wrongTypeShare])).toEqual([
      ['year', 0],
      ['maker', 0],
    ]);
    expect(fields[0].nullShare).toBeCloseTo(0.25, 1);
    expect(fields[1].nullShare).toBe(0);
    expect(outsideMaxAgeShare).toBeCloseTo(0.5, 1);
    expect(codesOf(plane)).toEqual(['OUTSIDE_MAX_AGE']);
  });

  test('are looked at for each view of their table, and a view without a maximum age has no rows that are too old', () => {
    const [, seats] = examined.views;
    expect(seats).toMatchObject({ view: 'seats', table: 'plane', rows: { decoded: 1000, outsideMaxAgeShare: null } });
    expect(seats.findings).toEqual([]);
  });

  test('take so many bytes, of the memory too where the server tells', () => {
    const { bytes } = examined.views[0];
    const { keyBytes = 0, valueBytes = 0, memoryBytes = null, millionRowsBytes = 0 } = bytes ?? {};
    expect({ isTold: bytes !== null, isMemoryTold: memoryBytes !== null, keyBytes }).toEqual({
      isTold: told !== 'nothing',
      isMemoryTold: told === 'bytes and memory',
      keyBytes: told === 'nothing' ? 0 : 'nyc:plane:N1000'.length,
    });
    expect(valueBytes > 20).toBe(told !== 'nothing');
    expect(Math.round(millionRowsBytes / 1_000_000)).toBe(memoryBytes ?? keyBytes + valueBytes);
  });

  test('are got one by one, a thousand times, of keys that are there', () => {
    const { connectMs, roundTrips, findings } = examined;
    expect(connectMs).toBeGreaterThan(0);
    expect(roundTrips).toMatchObject({ count: 1000, keys: 'present' });
    expect(roundTrips!.p99Ms).toBeGreaterThanOrEqual(roundTrips!.p50Ms);
    expect(findings).toEqual([]);
  });
});

describe('rows that are wrong', () => {
  test('are told with their share: what is no row, what has another type or no time, what is no row at all', async () => {
    const raw = new Redis({ port: server.port, db: 3 });
    const put = (key: string, value: string) => raw.set(`nyc:plane:${key}`, value);
    for (let at = 0; at < 6; at++)
      await put(`good${at}`, `{"year":2004,"maker":"A","seats":1,"_ts":"2013-05-31T00:00:00Z"}`);
    await put('untimed', '{"year":2004,"maker":"A","seats":1}');
    await put('text', '{"year":true,"maker":null,"seats":1,"_ts":"2013-05-31T00:00:00Z"}');
    await put('broken', '{"year":');
    await put('packed', '\u0001\u0000');
    await raw.rpush('nyc:plane:list', 'x');
    raw.disconnect();
    const { views } = await examine(`stores: { online: { type: redis, url: '${server.url}/3', timeout: 5s } }`);
    expect(views[0].rows).toMatchObject({ sampled: 11, decoded: 8, undecodable: 2, absent: 1, unread: 0 });
    expect(views[0].rows).toMatchObject({
      untimedShare: 1 / 8,
      fields: [
        { name: 'year', nullShare: 0, wrongTypeShare: 1 / 8 },
        { name: 'maker', nullShare: 1 / 8, wrongTypeShare: 0 },
      ],
    });
    expect(views[0].findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'problem UNDECODABLE',
      'warning NO_ROW',
      'problem WRONG_TYPE',
      'warning UNTIMED',
    ]);
    // The other view of the table has no maximum age, and reads a field that is as it should be.
    expect(codesOf(views[1])).toEqual(['UNDECODABLE', 'NO_ROW']);
  });

  test('are a table that is empty, told with the command that fills it; gets are of keys that are not there', async () => {
    const { roundTrips, views } = await examine(`stores: { online: { type: redis, url: '${server.url}/4' } }`);
    expect(roundTrips).toMatchObject({ count: 1000, keys: 'absent' });
    expect(views.map(({ counted, rows, findings }) => ({ counted, rows, findings }))).toEqual(
      ['plane', 'seats'].map((view) => ({
        counted: { rows: 0, isWhole: true },
        rows: null,
        findings: [
          { code: 'EMPTY_TABLE', severity: 'warning', message: 'the table "plane" has no row', mend: `fill ${view}` },
        ],
      })),
    );
  });

  test('are none in an embedded store that nobody has written to, which is not made by looking at it', async () => {
    const { connectMs, findings, views } = await examine('stores: { online: { type: lmdb, path: unborn } }');
    expect({ connectMs, findings }).toEqual({ connectMs: null, findings: [] });
    expect(views.map(codesOf)).toEqual([['EMPTY_TABLE'], ['EMPTY_TABLE']]);
    expect(existsSync(join(folder, 'unborn'))).toBe(false);
  });
});

describe('a store that cannot be asked', () => {
  test('is told with why and with the mend, and without its password', async () => {
    const down = await RedisServer.prepare();
    const refused = await examine(`stores: { online: { type: redis, url: '${down.url}' } }`);
    expect(refused).toMatchObject({ connectMs: null, roundTrips: null, views: [] });
    expect(refused.findings).toMatchObject([
      { code: 'UNREACHABLE', severity: 'problem', message: 'the store cannot be reached (ECONNREFUSED)' },
    ]);
    const locked = await RedisServer.start('--requirepass', 'open-sesame');
    const wrong = await examine(
      `stores: { online: { type: redis, url: '${locked.url}', password: 'secret:env:WORD' } }`,
      10_000,
      { WORD: 'swordfish-7' },
    );
    expect(wrong.findings[0]).toMatchObject({ message: 'the store cannot be reached (WRONGPASS)' });
    expect(JSON.stringify(wrong)).not.toMatch(/swordfish|sesame/);
    const unset = await examine(
      `stores: { online: { type: redis, url: '${locked.url}', password: 'secret:env:WORD' } }`,
    );
    expect(unset.findings).toMatchObject([
      { code: 'UNREACHABLE', message: expect.stringContaining('secret:env:WORD') },
    ]);
    await locked.stop();
  });

  test('is given up at its deadline where it is there and says nothing', async () => {
    const silent = await RedisServer.start();
    silent.pause();
    const startedMs = performance.now();
    const { findings } = await examine(
      `stores: { online: { type: redis, url: '${silent.url}', connectTimeout: 60s } }`,
      300,
    );
    expect(findings).toMatchObject([{ code: 'LATE', message: 'the store did not answer within 300ms' }]);
    expect(performance.now() - startedMs).toBeLessThan(1500);
    silent.resume();
    await silent.stop();
  });

  test('is told where its file is none of its own', async () => {
    await mkdir(join(folder, 'spoiled'));
    await writeFile(join(folder, 'spoiled', 'data.mdb'), Buffer.alloc(20_000, 'x'));
    const { findings } = await examine('stores: { online: { type: lmdb, path: spoiled } }');
    expect(findings).toMatchObject([{ code: 'UNREACHABLE', message: expect.stringContaining('no LMDB file') }]);
  });

  test('is told by the sentence of a module that does not open', async () => {
    const { findings } = await examine('stores: { online: { type: ./nowhere.ts } }');
    expect(findings).toMatchObject([
      { code: 'UNREACHABLE', message: expect.stringContaining('nowhere.ts does not exist') },
    ]);
  });

  test('is told where only some of what it is asked fails: the rest is told as well', async () => {
    await writeFile(
      join(folder, 'odd.ts'),
      `export default ({ newBlock }) => ({
        source: () => ({
          fetch(keys, fields) {
            const block = newBlock(fields, keys.count);
            keys.text.forEach((_, row) => block.missing(row));
            return block.columns;
          },
        }),
        sink: () => ({ write: async () => 0 }),
        isEmpty: async () => false,
        inspect: () => new Promise(() => {}),
        close: () => new Promise(() => {}),
      });`,
    );
    const startedMs = performance.now();
    const { findings, roundTrips, views } = await examine('stores: { online: { type: ./odd.ts } }', 300);
    expect(findings.map(({ code }) => code)).toEqual(['LATE']);
    expect(roundTrips).toMatchObject({ keys: 'absent' });
    expect(views.map(codesOf)).toEqual([['KEYS_NOT_LISTED'], ['KEYS_NOT_LISTED']]);
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });
});

test('gets and rows that come after the timeout of the store are told', async () => {
  await writeFile(
    join(folder, 'slow.ts'),
    `export default ({ newBlock, refuse }) => ({
      source: () => ({ fetch: async () => { throw refuse('DEADLINE_EXCEEDED', 'late'); } }),
      sink: () => ({ write: async () => 0 }),
      isEmpty: async () => false,
      async *keys() { yield ['a', 'b']; },
      close: async () => {},
    });`,
  );
  const { findings, views } = await examine('stores: { online: { type: ./slow.ts } }');
  expect(findings).toMatchObject([
    { code: 'SLOW_GETS', message: "1000 of 1000 gets took longer than the store's `timeout`" },
  ]);
  expect(views[0].rows).toMatchObject({ sampled: 2, decoded: 0, unread: 2 });
  expect(views[0].findings).toMatchObject([{ code: 'NOT_READ', severity: 'problem' }]);
});
