import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { openWeather } from '../../../../examples/flights/weather.ts';
import { FAULTS } from '../../../../examples/flights/weather-faults.ts';
import { CallSignal } from '../../../../foundation/cancel-signal.ts';
import type { FieldSpec } from '../../../../orchestrator/features/source.ts';
import type { ServiceView } from '../../../../orchestrator/features/service/service-view.ts';
import { STATUSES, statusOf } from '../../../../orchestrator/plan/column.ts';
import { codeOf, key, openTestService, within } from './wire.ts';

const FIELDS: FieldSpec[] = [{ name: 'temp', type: 'double' }];
const VIEW: ServiceView = {
  key: key('origin', ['hour', 'timestamp']),
  get: undefined,
  batch: {
    size: 5,
    post: '/observations:lookup',
    body: { keys: '$keys' },
    items: '/items',
    match: { origin: '/origin', hour: '/hour' },
  },
  at: {},
  timestamp: undefined,
};

/** A listener that is never taken away, on a signal that outlives its call, is a leak. */
class CountedSignal extends CallSignal {
  listening = 0;
  override addEventListener(type: 'abort', listener: () => void): void {
    this.listening++;
    super.addEventListener(type, listener);
  }
  override removeEventListener(type: 'abort', listener: () => void): void {
    this.listening--;
    super.removeEventListener(type, listener);
  }
}

/** Half of the answers go wrong in each way in turn; some callers have little time, some leave. */
test('whatever goes wrong, values are right or told, every fetch ends in time, and nothing is left behind', async () => {
  const weather = await openWeather(0);
  const url = `http://127.0.0.1:${(weather.address() as AddressInfo).port}`;
  const sockets = new Set<unknown>();
  weather.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const truth = new Map<string, number | null>();
  const hours = Array.from({ length: 48 }, (_, at) =>
    new Date(Date.UTC(2013, 5, 1, at)).toISOString().replace('.000', ''),
  );
  const asked = hours.flatMap((hour) => ['EWR', 'JFK', 'LGA'].map((origin) => `${origin}|${hour}`));
  const latest: number[] = [];
  const codes = new Set<string>();
  {
    await using calm = await openTestService(url);
    const calmBlock = await calm.source(VIEW).fetch({ count: asked.length, text: asked }, FIELDS, within(20_000));
    asked.forEach((text, row) => truth.set(text, calmBlock.values[0][row] as number));

    for (const fault of FAULTS) {
      await fetch(`${url}/fault`, { method: 'POST', body: JSON.stringify({ fault, share: 0.5, ms: 150 }) });
      await using service = await openTestService(url, { retries: 1, timeout: 200, maxConcurrency: 6 });
      const source = service.source(VIEW);
      const one = async (at: number): Promise<void> => {
        const signal = new CountedSignal();
        if (at % 7 === 0) setTimeout(() => signal.abort(), at % 50);
        const text = Array.from({ length: 12 }, (_, next) => asked[(at * 5 + next) % asked.length]);
        const options = within(at % 3 === 0 ? 60 : 300, { signal });
        const fetching = source.fetch({ count: 12, text }, FIELDS, options);
        codes.add(await codeOf(fetching));
        const block = await Promise.resolve(fetching).catch(() => undefined);
        const wrong = text.filter((each, row) => {
          if (block === undefined) return false;
          const status = STATUSES[statusOf(block.states[0][row])];
          return status === 'PRESENT' ? block.values[0][row] !== truth.get(each) : status === 'NOT_FOUND';
        });
        expect(wrong).toEqual([]);
        latest.push(performance.now() - options.deadlineMs);
        expect(signal.aborted ? 0 : signal.listening).toBe(0);
      };
      await Promise.all(Array.from({ length: 24 }, (_, at) => one(at)));
      expect(service.counters).toMatchObject({ inFlight: 0, waiting: 0 });
    }
  }
  expect([...codes].toSorted()).toEqual(['CANCELLED', 'DEADLINE_EXCEEDED', 'FEATURE_UNAVAILABLE', 'answered']);
  expect(Math.max(...latest)).toBeLessThan(1000); // 20 ms alone; a busy machine takes its time
  await vi.waitFor(() => expect(sockets.size).toBeLessThanOrEqual(1), 5000); // the test's own fetch keeps one
  weather.close();
  weather.closeAllConnections();
  await once(weather, 'close');
});
