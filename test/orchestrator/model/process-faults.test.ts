import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { asAppError } from '../../../foundation/errors.ts';
import type { ModelClient, Tensor } from '../../../orchestrator/model/client.ts';
import { newCounters } from '../../../orchestrator/model/counters.ts';
import { openModelClient } from '../../../orchestrator/model/open-client.ts';
import { socketFolder } from './peer.ts';

const ROWS = 10;
const tensors: Tensor[] = [
  { name: 'features', datatype: 'FP64', shape: [ROWS, 2], data: Float64Array.from({ length: ROWS * 2 }, (_, i) => i) },
];
const infer = (client: ModelClient, deadlineMs: number) =>
  client.infer(tensors, { rows: ROWS, deadlineMs: performance.now() + deadlineMs });

async function startProcess(folder: string): Promise<ChildProcess & AsyncDisposable> {
  const script = fileURLToPath(new URL('peer-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout as NodeJS.EventEmitter, 'data');
  return Object.assign(child, {
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  });
}

async function connect(folder: string, counters = newCounters()) {
  const client = openModelClient({ address: `unix:${join(folder, 'peer.sock')}`, model: 'm', features: [], counters });
  await becomes(client, true);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

async function becomes(client: ModelClient, ready: boolean): Promise<void> {
  if (client.ready === ready) return;
  await new Promise<void>((resolve) => client.onReadyChange((now) => now === ready && resolve()));
}

test('callers of a stopped server are answered in time, little piles up, and all is well when it goes on', async () => {
  await using place = await socketFolder();
  await using server = await startProcess(place.folder);
  const counters = newCounters();
  await using client = await connect(place.folder, counters);
  await infer(client, 1000);
  server.kill('SIGSTOP');
  const codes = new Set<string>();
  const overrunsMs: number[] = [];
  let mostInFlight = 0;
  const stopAt = performance.now() + 1500;
  const caller = async (): Promise<void> => {
    while (performance.now() < stopAt) {
      const start = performance.now();
      codes.add(
        await infer(client, 10).then(
          () => 'answered',
          (error: unknown) => asAppError(error).code,
        ),
      );
      overrunsMs.push(performance.now() - start - 10);
      mostInFlight = Math.max(mostInFlight, counters.partsInFlight);
      await turn();
    }
  };
  await Promise.all(Array.from({ length: 16 }, caller));
  server.kill('SIGCONT');
  expect(codes).toEqual(new Set(['DEADLINE_EXCEEDED', 'OVERLOADED']));
  expect(mostInFlight).toBe(1024);
  overrunsMs.sort((left, right) => left - right);
  expect(overrunsMs[Math.floor(overrunsMs.length * 0.99)]).toBeLessThan(20);
  // The first answers are to what was given up, and make room.
  let result = await infer(client, 1000).catch(() => undefined);
  while (result === undefined) {
    await turn();
    result = await infer(client, 1000).catch(() => undefined);
  }
  expect(result.outputs[0].data).toEqual(Float64Array.from({ length: ROWS }, (_, row) => row * 2));
  expect(counters).toMatchObject({ partsInFlight: 0, bytesInFlight: 0, connections: 1 });
});

test('a killed server fails its calls at once and answers again soon after it is back', async () => {
  await using place = await socketFolder();
  await using server = await startProcess(place.folder);
  await using client = await connect(place.folder);
  server.kill('SIGSTOP');
  const call = infer(client, 10_000);
  server.kill('SIGKILL');
  await expect(call).rejects.toThrow(expect.objectContaining({ code: 'WRAPPER_UNAVAILABLE' }));
  await becomes(client, false);
  await using again = await startProcess(place.folder);
  const start = performance.now();
  await becomes(client, true);
  expect((await infer(client, 1000)).outputs[0].shape).toEqual([ROWS]);
  expect(performance.now() - start).toBeLessThan(500);
  expect(again.exitCode).toBeNull();
});
