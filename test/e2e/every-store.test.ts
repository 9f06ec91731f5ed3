import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadResult } from '../../config/checked.ts';
import { loadConfig } from '../../config/load.ts';
import { fillStores } from '../../data/ingest/fill.ts';
import { startApp, type App } from '../../orchestrator/app.ts';
import { CouchbaseServer } from '../servers/couchbase.ts';
import { RedisCluster } from '../servers/redis-cluster.ts';
import { RedisServer } from '../servers/redis.ts';
import { startDev, type Dev } from './start-dev.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/flights/', import.meta.url));
const SQLITE = fileURLToPath(new URL('../../examples/stores/sqlite.ts', import.meta.url));
const BOARDS = 200;
const CALLERS = 8;
/** Not what is tested here: on a busy machine nothing may be late. */
const PATIENT = `
models: { delay-risk: { deadline: 60s, budget: { features: 30s, model: 30s } } }
services: { weather: { timeout: 10s } }
limits: { instancesInFlight: 1000000 }
`;

let folder: string;
let dev: Dev;
let redis: RedisServer;
let couchbase: CouchbaseServer;
let cluster: RedisCluster;
let boards: string[];
/** What the example answers from its own store. */
let expected: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-stores-'));
  const lines = (await readFile(join(EXAMPLE, 'boards.jsonl'), 'utf8')).split('\n');
  boards = lines.filter((line) => line !== '');
  // Its wrapper and its weather serve the apps of all stores.
  [dev, redis, couchbase, cluster] = await Promise.all([
    startDev(join(EXAMPLE, 'tandem.yaml'), folder),
    RedisServer.start(),
    CouchbaseServer.start(),
    RedisCluster.start({ masters: 3 }),
  ]);
  expected = await answersFrom('stores: { online: { type: lmdb, path: again } }');
});

afterAll(async () => {
  await dev?.stop();
  await redis?.stop();
  await couchbase?.kill();
  await cluster?.stop();
  await rm(folder, { recursive: true });
});

let overlays = 0;

/** The app of the example with these lines over it, its store filled. */
async function openApp(stores: string): Promise<App> {
  const overlay = join(folder, `over-${overlays++}.yaml`);
  await writeFile(overlay, `${PATIENT}${stores}\n`);
  const environment = { ...dev.environment, REDIS_URL: redis.url, COUCHBASE_URL: couchbase.url };
  const load = (): LoadResult => loadConfig(join(EXAMPLE, 'tandem.yaml'), environment, [overlay]);
  const { checked, problems } = load();
  if (!checked) throw new Error(JSON.stringify(problems));
  const app = await startApp({
    checked,
    logger: pino({ level: 'silent' }),
    load,
    port: 0,
    adminPort: 0,
    stateDir: folder,
  });
  const filled = await fillStores(checked, app.deployment.stores, new AbortController().signal);
  expect(filled.map(({ table }) => table)).toEqual(['plane', 'route', 'pulse', 'airport']);
  await app.ready;
  return app;
}

async function answersFrom(stores: string): Promise<string[]> {
  const app = await openApp(stores);
  const answers: string[] = [];
  const asked = boards.entries();
  const ask = async (): Promise<void> => {
    for (const [at, body] of asked) {
      const response = await fetch(`http://${app.listening.http}/v1/models/delay-risk:predict`, {
        method: 'POST',
        body,
      });
      answers[at] = `${response.status} ${await response.text()}`;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, ask));
  await app.drain();
  return answers;
}

describe('the example answers 200 boards the same, bit for bit, from', () => {
  test('its own store, as it should', () => {
    expect(expected).toHaveLength(BOARDS);
    expect(expected.every((answer) => answer.startsWith('200 {"predictions":['))).toBe(true);
  });

  test.each([
    ['lmdb, packed', () => 'stores: { online: { type: lmdb, path: packed, encoding: packed } }'],
    [
      'redis, json, by redis.yaml',
      async () =>
        (await readFile(join(EXAMPLE, 'redis.yaml'), 'utf8')).replace(' type: redis', ' timeout: 10s, type: redis'),
    ],
    ['redis, hash', () => `stores: { online: { type: redis, url: '${redis.url}/1', encoding: hash, timeout: 10s } }`],
    [
      'redis, packed, by its socket',
      () =>
        `stores: { online: { type: redis, url: 'unix:${redis.socket}', database: 2, encoding: packed, timeout: 10s } }`,
    ],
    [
      'a cluster',
      () =>
        `stores: { online: { type: redis, urls: ${JSON.stringify(cluster.urls)}, cluster: true, encoding: packed, timeout: 10s } }`,
    ],
    [
      'couchbase, by couchbase.yaml',
      async () =>
        (await readFile(join(EXAMPLE, 'couchbase.yaml'), 'utf8')).replace(
          'type: couchbase',
          'type: couchbase\n    timeout: 10s',
        ),
    ],
    [
      'a module',
      () => `stores: { online: { type: '${SQLITE}', options: { file: '${join(folder, 'features.sqlite')}' } } }`,
    ],
  ])('%s', async (_, stores) => {
    const answers = await answersFrom(await stores());
    // By number: an answer is thousands of characters long.
    expect(answers.flatMap((answer, at) => (answer === expected[at] ? [] : [at]))).toEqual([]);
  });
});
