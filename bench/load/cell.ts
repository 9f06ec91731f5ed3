import { type Child } from './child.ts';
import { usageOf } from './usage.ts';
import { runLoad, type LoadResult, type Shots } from './wrk.ts';

/** V8 and grpc-js are at their speed after about as long. */
export const WARM_UP_SECONDS = 2;
const ROLES = ['server', 'model'] as const;

/** The processes of one stack, each with all its descendants. */
export type Processes = Readonly<Partial<Record<(typeof ROLES)[number], Child>>>;

/** One cell of a table in one round: one stack under one load. */
export interface Cell extends LoadResult {
  /** CPU µs a request, user and system, all threads. */
  cpuUs: { server: number; model: number; total: number };
  residentBytes: number;
}

/** Warms the stack up with the very bodies of the cell, then measures it. */
export async function measureCell(processes: Processes, url: string, shots: Shots, seconds: number): Promise<Cell> {
  await runLoad(url, shots, WARM_UP_SECONDS);
  return measureWarm(processes, url, shots, seconds);
}

/** Measures a stack that is warm. */
export async function measureWarm(processes: Processes, url: string, shots: Shots, seconds: number): Promise<Cell> {
  const before = readUsage(processes);
  const load = await runLoad(url, shots, seconds);
  const after = readUsage(processes);
  const [server, model] = after.map(({ cpuUs }, role) => (cpuUs - before[role].cpuUs) / load.requests);
  return {
    ...load,
    cpuUs: { server, model, total: server + model },
    residentBytes: after.reduce((sum, usage) => sum + usage.residentBytes, 0),
  };
}

function readUsage(processes: Processes) {
  return ROLES.map((role) => {
    const child = processes[role];
    return child === undefined ? { cpuUs: 0, residentBytes: 0 } : usageOf(child.pid);
  });
}
