import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quantile, runSchedule } from '../../bench/latency/schedule.ts';

const RATE = 200;

describe('an open loop', () => {
  let server: Server;
  let url: string;
  /** Which request begins a pause of the server, and how long it is. */
  let pause = { at: Infinity, ms: 0 };
  let arrived = 0;
  let held: (() => void)[] | undefined;

  beforeAll(async () => {
    server = createServer((request, response: ServerResponse) => {
      request.resume().on('end', () => {
        const answer = (): void => void response.end('{"predictions":[1]}');
        if (arrived++ === pause.at) {
          held = [];
          setTimeout(() => {
            const waiting = held ?? [];
            held = undefined;
            for (const release of waiting) release();
          }, pause.ms);
        }
        if (held) held.push(answer);
        else answer();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterAll(() => server.close());

  const run = (seconds: number) =>
    runSchedule({
      url,
      bodies: ['{"a":1}', '{"a":2}'],
      firstBody: 0,
      requestsPerSecond: RATE,
      seconds,
      warmUpSeconds: 0,
    });

  it('sends at its rate, whole answers or not', async () => {
    const { latenciesMs, without } = await run(0.5);
    expect(latenciesMs).toHaveLength(RATE / 2);
    expect(without).toBe(0);
    expect(latenciesMs.every((ms, at) => ms > 0 && (at === 0 || ms >= latenciesMs[at - 1]))).toBe(true);
  });

  it('counts a pause of the server in every request that was to be sent meanwhile', async () => {
    pause = { at: arrived + 20, ms: 400 };
    const { latenciesMs } = await run(1);
    // 80 requests fall into 400 ms; a closed loop of one client would have seen one of them wait.
    expect(latenciesMs.filter((ms) => ms > 100).length).toBeGreaterThanOrEqual(55);
    expect(quantile(latenciesMs, 1)).toBeGreaterThan(380);
  });
});

describe('a quantile', () => {
  it('is a value that was met', () => {
    const values = Float64Array.from({ length: 1000 }, (_, at) => at + 1);
    expect([0.5, 0.99, 0.999, 1].map((share) => quantile(values, share))).toEqual([500, 990, 999, 1000]);
    expect(quantile(Float64Array.of(7), 0.999)).toBe(7);
  });
});
