import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { coalesce } from '../../../orchestrator/features/coalesce.ts';
import { fetchInTime } from '../../../orchestrator/features/fetch-in-time.ts';
import { patientTimer } from '../../../orchestrator/features/patient-timer.ts';
import { openViewCache } from '../../../orchestrator/features/cache/view-cache.ts';
import type { FeatureSource } from '../../../orchestrator/features/source.ts';
import { viewOf } from './controlled-source.ts';
import { getView, keysOf, openTestService, told, within, X } from './service/wire.ts';

/** A service in a thread of its own, which answers 15 ms after it was asked however busy this process is. */
const SERVICE = `
  const { createServer } = require('node:http');
  const { parentPort } = require('node:worker_threads');
  const server = createServer((_, response) => {
    parentPort.postMessage('asked');
    setTimeout(() => response.end('{"x":1}'), 15);
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const now = (): number => performance.now();
const asIs = (source: FeatureSource): FeatureSource => source;
const coalesced = (source: FeatureSource): FeatureSource => coalesce(source, { maxKeys: 10, maxInFlight: 4, now });
const cached = (source: FeatureSource): FeatureSource => {
  const view = {
    ...viewOf({ ttl: 60_000, maxEntries: 10 }),
    fields: [{ ...viewOf({ ttl: 1, maxEntries: 1 }).fields[0], field: 'x' }],
  };
  return openViewCache(view, view.cache!, { now, random: () => 0.5 }).over(source);
};

/** A source that does not keep time itself: a fetch of it has no end but its service's. */
const untimed = (source: FeatureSource): FeatureSource => ({
  fetch: (keys, fields, options) => source.fetch(keys, fields, { ...options, deadlineMs: now() + 60_000 }),
});

it.each([
  ['a source', asIs],
  ['a source whose caller keeps time', untimed],
  ['a coalesced source', coalesced],
  ['a cache', cached],
  ['a cache before a coalesced source', (source: FeatureSource) => cached(coalesced(source))],
])('%s is not late with an answer that came in time to a busy process', async (_, over) => {
  const worker = new Worker(SERVICE, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  {
    await using service = await openTestService(`http://127.0.0.1:${port}`);
    const source = over(service.source(getView('/{id}')));
    const asked = once(worker, 'message');
    const fetching = Promise.resolve(fetchInTime(source, keysOf('a'), X, within(100), now));
    await asked;
    const busyUntilMs = now() + 300;
    while (now() < busyUntilMs) Math.random();
    const outcome = await fetching;
    expect('rows' in outcome ? told(outcome) : outcome).toEqual(['PRESENT service']);
  }
  await worker.terminate();
});

it('comes after its time, not once it was cancelled, and never where timers end', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let calls = 0;
  const count = (): void => void calls++;
  const startedMs = now();
  patientTimer(5, count)();
  const stopNever = patientTimer(Infinity, count);
  patientTimer(-1, () => patientTimer(20, resolve));
  await promise;
  stopNever();
  expect(now() - startedMs).toBeGreaterThan(18);
  expect(calls).toBe(0);
});
