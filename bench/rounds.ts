import { measureCell } from './load/cell.ts';
import type { Stack } from './load/stack.ts';
import { verifyAnswers, type Workload } from './load/workload.ts';
import type { Options } from './options.ts';
import type { Measured } from './report.ts';

/** Stacks that stand beside each other, and the loads that each of them gets. */
export interface Section {
  stacks: readonly Stack[];
  workloads: readonly Workload[];
}

/** Verifies every answer of every stack, then measures in rounds: A B C D, A B C D, … for each load. */
export async function measureSection({ stacks, workloads }: Section, options: Options): Promise<Measured[]> {
  for (const workload of workloads) {
    for (const { name, url } of stacks) await verifyAnswers(name, url, workload);
  }
  const lines = workloads.flatMap((workload) =>
    stacks.map((stack) => ({ workload, stack, measured: { load: workload.name, stack: stack.name, cells: [] } })),
  ) as { workload: Workload; stack: Stack; measured: Measured }[];
  for (let round = 1; round <= options.rounds; round++) {
    for (const { workload, stack, measured } of lines) {
      const cell = await measureCell(stack.processes, stack.url, workload, options.seconds);
      measured.cells.push(cell);
      const cpu = `${cell.cpuUs.total.toFixed(0)} µs CPU a request`;
      console.error(`round ${round}, ${workload.name}, ${stack.name}: ${cell.requestsPerSecond.toFixed(0)}/s, ${cpu}`);
    }
  }
  return lines.map(({ measured }) => measured);
}
