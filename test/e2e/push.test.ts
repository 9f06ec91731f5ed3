import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'iovalkey';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../orchestrator/app.ts';
import { RedisServer } from '../servers/redis.ts';
import { ask, type Told } from './ask.ts';
import { projectFolder, serveProject } from './serve-project.ts';

/** Two views of one table, both with a cache, and one of another. */
const yaml = (store: string) => `
version: 1
project: nyc
inputs: { instance: { tail: string } }
stores: { online: ${store} }
views:
  plane: { store: online, key: { tailnum: instance.tail }, fields: { year: int64 }, cache: { ttl: 1h, negativeTtl: 1h } }
  seats: { store: online, table: plane, key: { tailnum: instance.tail }, fields: { seats: int64 }, cache: { ttl: 1h } }
  route: { store: online, key: { from: instance.tail }, fields: { late: double } }
models: { m: { features: [plane.year, seats.seats, route.late] } }
limits: { bodyBytes: 4KiB }
`;

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

let cleanUp: AsyncDisposableStack;
beforeEach(() => {
  cleanUp = new AsyncDisposableStack();
});
afterEach(() => cleanUp.disposeAsync());

async function serve(store: string, files: Record<string, string> = {}): Promise<App> {
  const { folder } = cleanUp.use(await projectFolder({ 'tandem.yaml': yaml(store), ...files }));
  const { app } = await serveProject(folder);
  cleanUp.defer(() => app.drain());
  return app;
}

const push = (app: App, body: unknown, query = ''): Promise<Told> =>
  ask(app.listening.admin, { path: `/push${query}`, body });

/** What a request about this tail number is answered with: values and ages of its features. */
async function featuresOf(app: App, tail: string): Promise<unknown[]> {
  const { json } = await ask(app.listening.http, { path: '/v1/models/m:features', body: { instances: [{ tail }] } });
  const { features } = json as { features: { values: unknown[] }[] };
  return features.map(({ values }) => values[0]);
}

async function metric(app: App, series: string): Promise<number> {
  const { text } = await ask(app.listening.admin, { path: '/metrics' });
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}

describe.each([
  ['lmdb', () => '{ type: lmdb }'],
  ['lmdb, packed', () => '{ type: lmdb, encoding: packed }'],
  ['redis, json', () => `{ type: redis, url: '${redis.url}/1', timeout: 5s }`],
  ['redis, hash', () => `{ type: redis, url: '${redis.url}/2', encoding: hash, timeout: 5s }`],
])('a row that is pushed into %s', (_, storeOf) => {
  it('is what the next request has, whatever the caches of its table had', async () => {
    const app = await serve(storeOf());
    const row = { tailnum: 'N1', year: 2004, seats: 150, _ts: '2013-01-05T10:00:00Z' };
    expect(await featuresOf(app, 'N1')).toEqual([null, null, null]);
    expect(await push(app, { view: 'plane', rows: [row] })).toMatchObject({ status: 200, json: { written: 1 } });
    for (let seats = 151; seats < 156; seats++) {
      expect(await featuresOf(app, 'N1')).toEqual([2004, seats - 1, null]);
      await push(app, {
        view: 'seats',
        rows: [
          { ...row, seats },
          { ...row, tailnum: 'N2' },
        ],
      });
    }
    expect(await featuresOf(app, 'N2')).toEqual([2004, 150, null]);
    expect(await metric(app, 'tandem_cache_keys_total{view="plane",result="miss"}')).toBe(7);
  });

  it('is taken as Feast sends it', async () => {
    const app = await serve(storeOf());
    const body = {
      push_source_name: 'plane',
      df: {
        tailnum: ['F1', 'F2'],
        year: [1999, null],
        seats: 9,
        event_timestamp: ['2013-01-05 10:00:00', '2013-01-05T10:00:00+02:00'],
        created: ['2013-01-05 10:00:00', '2013-01-05 10:00:00'],
      },
      to: 'online',
      allow_registry_cache: true,
      transform_on_write: true,
    };
    expect((await push(app, body)).json).toEqual({ written: 2, ignored: ['created'] });
    expect(await featuresOf(app, 'F1')).toEqual([1999, 9, null]);
    expect(await featuresOf(app, 'F2')).toEqual([null, 9, null]);
  });

  it('is written with all of its push, or not at all', async () => {
    const app = await serve(storeOf());
    const rows = [
      { tailnum: 'A1', year: 2004, seats: 1 },
      { tailnum: 'A2', year: 'old', seats: 1 },
    ];
    expect(await push(app, { view: 'plane', rows })).toMatchObject({
      status: 400,
      json: {
        code: 'INVALID_INPUT',
        error: '1 of 2 rows are bad: nothing was written.',
        details: [{ instance: 1, field: 'year', problem: 'must be a whole number, is "old"' }],
      },
    });
    expect(await featuresOf(app, 'A1')).toEqual([null, null, null]);
  });
});

describe('a push', () => {
  it('of a key that the store does not take leaves nothing behind', async () => {
    const app = await serve('{ type: lmdb }');
    const rows = ['B1', 'x'.repeat(2000)].map((tailnum) => ({ tailnum, year: 2004, seats: 1 }));
    expect(await push(app, { view: 'plane', rows })).toMatchObject({
      status: 400,
      json: { details: [{ field: 'key', problem: expect.stringContaining('2010 bytes') }] },
    });
    expect(await featuresOf(app, 'B1')).toEqual([null, null, null]);
  });

  it('may name a table; what is neither a view nor a table, or too large, is refused, and counted by code', async () => {
    const app = await serve('{ type: lmdb }');
    const row = { tailnum: 'N1', year: 2004, seats: 150 };
    expect((await push(app, { view: 'plane', rows: [row, row] })).json).toEqual({ written: 2 });
    expect((await push(app, { view: 'route', rows: [{ from: 'N1', late: 0.5 }] })).json).toEqual({ written: 1 });
    expect(await push(app, { view: 'plan', rows: [row] })).toMatchObject({
      status: 400,
      json: { error: '"plan" is no view and no table, did you mean `plane`?.' },
    });
    expect((await push(app, { view: 'plane', rows: [{ ...row, year: 'x' }] })).status).toBe(400);
    expect((await push(app, { view: 'plane', rows: [{ ...row, year: 'x'.repeat(5000) }] })).status).toBe(413);
    expect((await push(app, '{"view":')).status).toBe(400);
    expect(await metric(app, 'tandem_pushed_rows_total{view="plane"}')).toBe(2);
    expect(await metric(app, 'tandem_pushed_rows_total{view="route"}')).toBe(1);
    expect(await metric(app, 'tandem_refused_pushes_total{view="plane",code="INVALID_INPUT"}')).toBe(1);
    expect(await metric(app, 'tandem_refused_pushes_total{view="",code="INVALID_INPUT"}')).toBe(2);
  });

  it('to a store that is down is refused, retryable, and taken once it is back', async () => {
    const server = await RedisServer.start();
    cleanUp.defer(() => server.stop());
    const app = await serve(`{ type: redis, url: '${server.url}' }`);
    const body = { view: 'plane', rows: [{ tailnum: 'N1', year: 2004, seats: 150 }] };
    await server.kill();
    await expect.poll(async () => (await push(app, body)).status).toBe(503);
    expect((await push(app, body)).json).toMatchObject({ code: 'FEATURE_UNAVAILABLE', retryable: true });
    await server.run();
    await expect.poll(async () => (await push(app, body)).status, { timeout: 5000 }).toBe(200);
    expect(await featuresOf(app, 'N1')).toEqual([2004, 150, null]);
    expect(
      await metric(app, 'tandem_refused_pushes_total{view="plane",code="FEATURE_UNAVAILABLE"}'),
    ).toBeGreaterThanOrEqual(2);
  });

  it('asks the sink for an expiry, and for newer rows only: what that cannot is refused, what it did is told', async () => {
    const row = { tailnum: 'N1', year: 2004, seats: 150 };
    const expiring = await serve(`{ type: redis, url: '${redis.url}/3', timeout: 5s }`);
    expect((await push(expiring, { view: 'plane', rows: [row] }, '?expiry=30d')).json).toEqual({ written: 1 });
    const raw = new Redis({ port: redis.port, db: 3 });
    const monthMs = 30 * 86_400_000;
    expect(Math.abs((await raw.pttl('nyc:plane:N1')) - monthMs)).toBeLessThan(60_000);
    raw.disconnect();

    const lmdb = await serve('{ type: lmdb }');
    expect(await push(lmdb, { view: 'plane', rows: [row] }, '?expiry=1d')).toMatchObject({
      status: 400,
      json: { error: 'Rows of an lmdb store do not expire.' },
    });

    // A sink that keeps half of what is there.
    const halving = await serve('{ type: ./halving.ts }', {
      'halving.ts': `export default ({ newBlock }) => ({
        source: () => ({ fetch: (keys, fields) => newBlock(fields, keys.count).columns }),
        sink: (table, { newest } = {}) => ({ write: async (rows) => (newest ? rows.length / 2 : rows.length) }),
        isEmpty: async () => false,
        close: async () => {},
      });`,
    });
    expect((await push(halving, { view: 'plane', rows: [row, row] }, '?newest=true')).json).toEqual({ written: 1 });
    expect((await push(halving, { view: 'plane', rows: [row, row] })).json).toEqual({ written: 2 });
  });

  it('goes where the configuration says that runs now', async () => {
    const { folder } = cleanUp.use(await projectFolder({ 'tandem.yaml': yaml('{ type: lmdb, path: first }') }));
    const { app } = await serveProject(folder);
    cleanUp.defer(() => app.drain());
    const body = { view: 'plane', rows: [{ tailnum: 'N1', year: 2004, seats: 150 }] };
    await push(app, body);
    await writeFile(join(folder, 'tandem.yaml'), yaml('{ type: lmdb, path: second }'));
    await ask(app.listening.admin, { path: '/reload', method: 'POST' });
    expect(await featuresOf(app, 'N1')).toEqual([null, null, null]);
    await push(app, body);
    expect(await featuresOf(app, 'N1')).toEqual([2004, 150, null]);
  });

  it('needs the token where there is one', async () => {
    const { folder } = cleanUp.use(
      await projectFolder({
        'tandem.yaml': `${yaml('{ type: lmdb }')}server: { admin: { token: a-token-of-the-operator } }\n`,
      }),
    );
    const { app } = await serveProject(folder);
    cleanUp.defer(() => app.drain());
    const body = { view: 'plane', rows: [{ tailnum: 'N1', year: 2004, seats: 150 }] };
    expect((await push(app, body)).status).toBe(401);
    const headers = { authorization: 'Bearer a-token-of-the-operator' };
    expect((await ask(app.listening.admin, { path: '/push', body, headers })).json).toEqual({ written: 1 });
  });
});
