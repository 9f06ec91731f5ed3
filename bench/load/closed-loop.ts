import { performance } from 'node:perf_hooks';

/** A closed loop within this process: each caller calls again when it is answered. `call` is told which one it is. */
export async function callsPerSecond(
  call: (at: number) => Promise<void>,
  { callers, ms }: { callers: number; ms: number },
): Promise<number> {
  const startMs = performance.now();
  let calls = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() - startMs < ms) await call(calls++);
  };
  await Promise.all(Array.from({ length: callers }, loop));
  return (calls * 1000) / (performance.now() - startMs);
}
