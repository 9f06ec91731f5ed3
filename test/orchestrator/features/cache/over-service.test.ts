import { beforeEach, expect, it, vi } from 'vitest';
import type { CacheConfig } from '../../../../config/schema.ts';
import { openViewCache } from '../../../../orchestrator/features/cache/view-cache.ts';
import { coalesce } from '../../../../orchestrator/features/coalesce.ts';
import type { FeatureSource } from '../../../../orchestrator/features/source.ts';
import type { ViewPlan } from '../../../../orchestrator/plan/plan.ts';
import {
  batchView,
  keysOf,
  openTestService,
  sendJson,
  TestServer,
  told,
  within,
  X,
  type Seen,
} from '../service/wire.ts';
import { viewOf } from '../controlled-source.ts';

const CONFIG: CacheConfig = { ttl: 60_000, staleWhileRevalidate: 120_000, staleIfError: 3_600_000, maxEntries: 1000 };
const VIEW: ViewPlan = { ...viewOf(CONFIG), fields: [{ ...viewOf(CONFIG).fields[0], field: 'x' }] };

/** The clock of the cache runs ahead of the service's by what the test says. */
let aheadMs = 0;
const now = () => performance.now() + aheadMs;
beforeEach(() => {
  aheadMs = 0;
});

const keysIn = (seen: Seen): string[] => (JSON.parse(seen.body) as { keys: { id: string }[] }).keys.map(({ id }) => id);

/** 64 callers at once, each of whom asks for ten of 200 keys, at times that the event loop mixes. */
async function askAll(source: FeatureSource): Promise<string[]> {
  const callers = Array.from({ length: 64 }, async (_, caller) => {
    for (let turn = 0; turn < caller % 8; turn++) await new Promise((resolve) => setImmediate(resolve));
    const text = Array.from({ length: 10 }, (__, i) => `k${(caller * 7 + i * 13) % 200}`);
    const columns = await source.fetch(keysOf(...text), X, { ...within(5000), deadlineMs: now() + 5000 });
    expect([...columns.values[0]]).toEqual(text.map((key) => Number(key.slice(1))));
    return told(columns);
  });
  return (await Promise.all(callers)).flat();
}

it('asks a real service for each key once while callers come and go, and once at its expiry; outlives its failure', async () => {
  await using server = await TestServer.open((seen, response) =>
    sendJson(response, { items: keysIn(seen).map((id) => ({ id, x: Number(id.slice(1)) })) }),
  );
  await using service = await openTestService(server.url);
  const cache = openViewCache(VIEW, CONFIG, { now, random: () => 0.5 });
  const source = cache.over(coalesce(service.source(batchView(20)), { maxKeys: 20, maxInFlight: 8, now }));
  const fetchedOnce = async () => {
    await vi.waitFor(() => expect(cache.keysInFlight).toBe(0));
    const keys = server.seen.splice(0).flatMap(keysIn);
    expect(new Set(keys).size).toBe(keys.length);
    return keys.length;
  };

  expect(await askAll(source)).toContain('PRESENT service');
  expect(server.seen.length).toBeLessThan(64);
  const distinct = await fetchedOnce();
  expect(distinct).toBeGreaterThan(100);
  expect(new Set(await askAll(source))).toEqual(new Set(['PRESENT cache']));
  expect(await fetchedOnce()).toBe(0);

  aheadMs = 61_000;
  expect(await askAll(source)).toContain('PRESENT stale');
  expect(await fetchedOnce()).toBe(distinct);

  server.answer = (_, response) => response.writeHead(500).end();
  aheadMs = 600_000;
  expect(new Set(await askAll(source))).toEqual(new Set(['ERROR stale']));
  cache.close();
});
