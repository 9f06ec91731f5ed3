import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Stack } from '../load/stack.ts';
import { runLoad, type Shots } from '../load/wrk.ts';

const GENERATOR = fileURLToPath(import.meta.resolve('./generator.ts'));
const WARM_UP_SECONDS = 1;
const MAXIMUM_SECONDS = 3;
const run = promisify(execFile);

/** A stack under one load in an open loop. */
export interface Paced {
  requestsPerSecond: number;
  requests: number;
  p50Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
  /** How late the generator sent. */
  lateP50Ms: number;
  lateP99Ms: number;
  /** Fallbacks and refusals. */
  without: number;
}

/** The most that a stack answers, by wrk in a closed loop, and the number of bodies that took. */
export async function measureMaximum(
  { url }: Stack,
  shots: Shots,
): Promise<{ requestsPerSecond: number; bodies: number }> {
  const warmUp = await runLoad(url, shots, WARM_UP_SECONDS);
  const firstBody = (shots.firstBody ?? 0) + warmUp.requests;
  const { requestsPerSecond, requests } = await runLoad(url, { ...shots, firstBody }, MAXIMUM_SECONDS);
  return { requestsPerSecond, bodies: firstBody + requests };
}

/** The latencies at a constant rate, from the intended starts. */
export async function measurePaced(
  { url }: Stack,
  shots: Shots,
  requestsPerSecond: number,
  seconds: number,
): Promise<Paced> {
  const args = ['--url', url, '--bodies', shots.bodiesFile, '--first', String(shots.firstBody ?? 0)];
  args.push('--rate', String(requestsPerSecond), '--seconds', String(seconds), '--warm-up', String(WARM_UP_SECONDS));
  const running = run(process.execPath, [GENERATOR, ...args]);
  const end = () => running.child.kill();
  process.once('exit', end);
  const { stdout } = await running.finally(() => process.off('exit', end));
  return { requestsPerSecond, ...(JSON.parse(stdout) as Omit<Paced, 'requestsPerSecond'>) };
}
