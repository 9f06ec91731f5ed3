import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IngestResult } from '../../../data/ingest/ingest.ts';
import type { Store } from '../../../orchestrator/features/source.ts';
import { openLmdbStore } from '../../../orchestrator/features/store/lmdb.ts';
import { read } from '../../orchestrator/features/source-contract.ts';
import { openTestStore } from '../../orchestrator/features/store/redis-under-test.ts';
import { RedisServer } from '../../servers/redis.ts';
import { openPlanes, type Planes } from './planes.ts';

const CHILD = fileURLToPath(new URL('./ingest-child.ts', import.meta.url));
const ROWS = 2500;
const BAD_EACH = 50;
/** When each run is killed: behind so many batches, and so many turns of this process later. */
const MOMENTS = [0, 1, 2, 1, 3, 0, 2, 1, 4, 2].map((batches, at) => ({ batches, turns: (at * 37) % 100 }));
const isBad = (plane: number): boolean => plane % BAD_EACH === BAD_EACH - 1;
const FIELDS = ['year', 'twice'].map((name) => ({ name, type: 'int64' as const }));
const KEYS = Array.from({ length: ROWS }, (_, plane) => `N${plane}`);

interface Told {
  rows?: number;
  result?: IngestResult;
}

/** Runs the ingest, and kills it at its moment; its result where it was faster. */
async function runUntil(
  { batches, turns }: (typeof MOMENTS)[number],
  args: string[],
): Promise<IngestResult | undefined> {
  const child = fork(CHILD, args, { execPath: process.execPath });
  // The last message may come behind the exit, and never behind the channel's end.
  const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  let seen = -1;
  let result: IngestResult | undefined;
  child.on('message', (told: Told) => {
    result ??= told.result;
    if (++seen === batches) void killAfter(turns);
  });
  const killAfter = async (left: number): Promise<void> => {
    for (let turn = 0; turn < left; turn++) await setImmediate();
    child.kill('SIGKILL');
  };
  const [[, signal]] = (await ended) as [[number | null, string | null], unknown];
  expect(signal === null ? 'ended' : signal).toBe(result && signal === null ? 'ended' : 'SIGKILL');
  return result;
}

/** Planes whose rows are of the year before, all to be written anew. */
async function outdated(planes: Planes, store: Store): Promise<string> {
  const rows = KEYS.map((key, plane) => ({ key, values: { year: plane - 1, twice: 2 * (plane - 1) } }));
  await store.sink('plane').write(rows, { signal: new AbortController().signal });
  return planes.csv(
    'planes.csv',
    ...KEYS.map((key, plane) => (isBad(plane) ? `${key},x,0` : `${key},${plane},${2 * plane}`)),
  );
}

/** How many rows are new; fails where one is neither the old nor the new one as a whole. */
async function countNew(store: Store): Promise<number> {
  const { values } = await read(store.source('plane'), KEYS, FIELDS);
  const [years, twices] = values as Float64Array[];
  let isNew = 0;
  for (let plane = 0; plane < ROWS; plane++) {
    expect([plane, plane - 1]).toContain(years[plane]);
    expect(twices[plane]).toBe(2 * years[plane]);
    if (years[plane] === plane) isNew++;
  }
  return isNew;
}

/** Kills the ingest at each of the moments, lets it come to its end then, and gives what came of it. */
async function throughKills(planes: Planes, store: Store, ...place: [kind: string, where: string]): Promise<unknown> {
  const file = await outdated(planes, store);
  const [checkpoint, rejects] = ['checkpoint.json', 'rejects.jsonl'].map((name) => planes.scratch.path(name));
  const args = [...place, planes.scratch.path('tandem.yaml'), file, checkpoint, rejects];
  const newAfter: number[] = [];
  let result: IngestResult | undefined;
  for (const moment of MOMENTS) {
    result = await runUntil(moment, args);
    if (result) break;
    newAfter.push(await countNew(store));
  }
  expect(newAfter.length).toBeGreaterThan(5);
  expect(newAfter).toEqual(newAfter.toSorted((a, b) => a - b));
  result ??= await runUntil({ batches: Infinity, turns: 0 }, args);
  const rejected = (await readFile(rejects, 'utf8')).trim().split('\n');
  return {
    rows: result?.rows,
    bad: result?.bad,
    stores: result?.stores,
    isNew: await countNew(store),
    rejected: rejected.map((line) => (JSON.parse(line) as { row: { tailnum: string } }).row.tailnum),
    hasCheckpoint: existsSync(checkpoint),
  };
}

const BAD = KEYS.filter((_, plane) => isBad(plane));
/** Each row once, in the counts too, however often it was read. */
const ALL = {
  rows: ROWS,
  bad: BAD.length,
  stores: [{ name: 'online', written: ROWS - BAD.length, kept: 0 }],
  isNew: ROWS - BAD.length,
  rejected: BAD,
  hasCheckpoint: false,
};

describe('an ingest that is killed again and again', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());

  test('leaves every row of LMDB old or new, and in the end all are new', async () => {
    await using planes = await openPlanes();
    const where = planes.scratch.path('killed');
    const store = await openLmdbStore({ path: where, project: 'nyc' });
    expect(await throughKills(planes, store, 'lmdb', where)).toEqual(ALL);
    await store.close();
  }, 60_000);

  test('leaves every row of Redis old or new, and in the end all are new', async () => {
    await using planes = await openPlanes();
    const store = await openTestStore({ url: server.url });
    expect(await throughKills(planes, store, 'redis', server.url)).toEqual(ALL);
    await store.close();
  }, 60_000);
});
