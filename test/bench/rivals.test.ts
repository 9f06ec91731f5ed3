import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linearSection } from '../../bench/linear/section.ts';
import { stopChildren } from '../../bench/load/child.ts';
import { processTree, usageOf } from '../../bench/load/usage.ts';
import { verifyAnswers } from '../../bench/load/workload.ts';
import type { Section } from '../../bench/rounds.ts';

describe('the rivals of the bench', () => {
  let folder: string;
  let section: Section;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tandem-rivals-'));
    section = await linearSection(folder, {
      seconds: 1,
      rounds: 1,
      stacks: ['echo', 'bare', 'trial'],
      loads: ['n1', 'n10'],
      parts: [],
      isWhole: false,
    });
  });

  afterAll(async () => {
    await stopChildren();
    await rm(folder, { recursive: true });
  });

  it('answer every body rightly while requests overlap', async () => {
    for (const workload of section.workloads) {
      for (const { name, url } of section.stacks) {
        await expect(verifyAnswers(name, url, workload)).resolves.toBeUndefined();
      }
    }
  });

  it('are caught when they give the scores of one request in another order', async () => {
    const workload = section.workloads.find(({ name }) => name === 'n10')!;
    const { url } = section.stacks.find(({ name }) => name === 'bare')!;
    const response = await fetch(url, { method: 'POST', body: workload.bodies[7] });
    const { predictions } = (await response.json()) as { predictions: number[] };
    expect(() => workload.check({ predictions }, 7)).not.toThrow();
    expect(() => workload.check({ predictions: predictions.toReversed() }, 7)).toThrow(/^body 7, row 0/);
    expect(() => workload.check({ predictions: predictions.slice(1) }, 7)).toThrow(/^not 10 numbers/);
    expect(() => workload.check({ predictions, fallback: 'OVERLOADED' }, 7)).toThrow(/^not a model's answer/);
  });

  it('are children of this process, whose use of CPU and memory can be read', () => {
    const pids = section.stacks.flatMap(({ processes }) => Object.values(processes).map(({ pid }) => pid));
    expect(pids).toHaveLength(5);
    expect(processTree(process.pid)).toEqual(expect.arrayContaining(pids));
    for (const pid of pids) {
      const { cpuUs, residentBytes } = usageOf(pid);
      expect(cpuUs).toBeGreaterThan(0);
      expect(residentBytes).toBeGreaterThan(10 * 2 ** 20);
    }
  });
});
