import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cell } from '../../bench/load/cell.ts';
import { stopChildren } from '../../bench/load/child.ts';
import { callsPerSecond } from '../../bench/load/closed-loop.ts';
import { renderServers } from '../../bench/python/report.ts';
import { openServer, SERVERS } from '../../bench/python/servers.ts';
import { inferenceShots } from '../../bench/rivals/inference-shots.ts';
import { renderRivals, type RivalLine } from '../../bench/rivals/report.ts';
import { prepareRivals } from '../../bench/rivals/section.ts';
import { RedisServer } from '../servers/redis.ts';

describe('the rivals of the bench in Python', () => {
  let folder: string;
  let redis: RedisServer;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tandem-rivals-'));
    redis = await RedisServer.start();
  });

  afterAll(async () => {
    await stopChildren();
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  // Those that need no more than the wrapper itself: what the others install is large.
  it('answer every body of every size rightly, and one that does not is found out', async () => {
    const open = await prepareRivals(redis.url, folder);
    const { url, workloads } = await open('tandem-python');
    expect((await open('grpc-aio')).workloads).toBe(workloads);
    expect(workloads.map(({ name }) => name)).toEqual(['n1', 'n10', 'n100']);
    const response = await fetch(url, { method: 'POST', body: workloads[1].bodies[3] });
    const { predictions } = (await response.json()) as { predictions: number[] };

    const inference = await inferenceShots(workloads[1], folder);
    const { inputs } = JSON.parse(inference.bodies[3]) as { inputs: { shape: number[]; data: string[] }[] };
    expect(inputs.map(({ shape, data }) => [shape, data.length])).toEqual([
      [[10], 10],
      [[1], 1],
    ]);
    expect(() => inference.check({ outputs: [{ data: predictions }] }, 3)).not.toThrow();
    expect(() => inference.check({ outputs: [{ data: predictions.map((score) => score + 1e-8) }] }, 3)).toThrow(
      /^body 3, row 0/,
    );
  });

  it.each(SERVERS)('%s answers calls that overlap', async (name) => {
    const server = await openServer(name, folder);
    expect(await callsPerSecond(server.call, { callers: 16, ms: 100 })).toBeGreaterThan(10);
    await server.close();
  });
});

describe('what the bench says of Python', () => {
  const cells = (speeds: readonly number[]): Cell[] =>
    speeds.map((requestsPerSecond) => {
      const load = { requests: 1000, requestsPerSecond, p50Ms: 1, p99Ms: 2, fallbacks: 0 };
      return { ...load, cpuUs: { server: 50, model: 0, total: 50 }, residentBytes: 2 ** 20 };
    });

  it('judges the rivals by the median of the ratios within each round', () => {
    const lines: RivalLine[] = [
      { load: 'n10', stack: 'tandem-python', cells: cells([6000, 600, 6000]) },
      { load: 'n10', stack: 'fastapi', cells: cells([3000, 300, 6000]) },
      { load: 'n10', stack: 'kserve', cells: cells([2000, 200, 2000]) },
    ];
    const results = renderRivals(lines);
    expect(results).toContain('| 10 | FastAPI | 2.00 (1.00 to 2.00) | 1.00 (1.00 to 1.00) |');
    expect(results).toContain('- at least 1.5 times the requests/s of FastAPI: 2.00, holds');
    expect(results).toContain('- at least 4 times the requests/s of KServe: 3.00, falls short');
    expect(results).toContain('- at least 4 times the requests/s of BentoML: not measured');
  });

  it('judges the wrapper in Python by the one in TypeScript', () => {
    const line = (name: (typeof SERVERS)[number], rate: number) => ({
      callers: 16,
      name,
      cells: [{ callsPerSecond: rate, serverUs: 10, clientUs: 5 }],
    });
    const results = renderServers([line('typescript', 20_000), line('python', 12_000), line('bare-unary', 6000)]);
    expect(results).toContain('| 16 | 0.60 (0.60 to 0.60) | not measured | 2.00 (2.00 to 2.00) |');
    expect(results).toContain('of the calls/s of the TypeScript wrapper: 0.60, holds');
  });
});
