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
  const codes = new Map<string, number>();
  const overrunsMs: number[] = [];
  const caller = async (): Promise<void> => {
    while ((codes.get('OVERLOADED') ?? 0) < 500) {
      const start = performance.now();
      const code = await infer(client, 10).then(
        () => 'answered',
        (error: unknown) => asAppError(error).code,
      );
      codes.set(code, (codes.get(code) ?? 0) + 1);
      overrunsMs.push(performance.now() - start - 10);
      await turn();
    }
  };
  await Promise.all(Array.from({ length: 16 }, caller));
  expect(counters.partsInFlight).toBe(1024);
  server.kill('SIGCONT');
  expect([...codes.keys()].sort()).toEqual(['DEADLINE_EXCEEDED', 'OVERLOADED']);
  // On a busy machine some expire before they are sent, and take no place.
  expect(codes.get('DEADLINE_EXCEEDED')).toBeGreaterThanOrEqual(1024);
  overrunsMs.sort((left, right) => left - right);
  expect(overrunsMs[Math.floor(overrunsMs.length * 0.99)]).toBeLessThan(100);
  // The first answers are to what was given up, and make room.
  let result = await infer(client, 1000).catch(() => undefined);
  while (result === undefined) {
    await turn();
    result = await infer(client, 1000).catch(() => undefined);
  }
  expect(result.outputs[0].data).toEqual(Float64Array.from({ length: ROWS }, (_, row) => row * 2));
  expect(counters).toMatchObject({ partsInFlight: 0, bytesInFlight: 0, connections: 1 });
});

test('what expires before it could be written is never written', async () => {
  await using place = await socketFolder();
  await using server = await startProcess(place.folder);
  const counters = newCounters();
  await using client = await connect(place.folder, counters);
  server.kill('SIGSTOP');
  const rows = 62_500;
  const large: Tensor[] = [{ name: 'features', datatype: 'FP64', shape: [rows, 2], data: new Float64Array(rows * 2) }];
  const call = { rows, deadlineMs: performance.now() + 200 };
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => client.infer(large, call)));
  for (const result of results) expect(result).toMatchObject({ reason: { code: 'DEADLINE_EXCEEDED' } });
  // A stream takes 16 messages before it asks to wait; what it took stays counted, what it did not is forgotten.
  expect(counters.messagesSent).toBeLessThanOrEqual(20);
  expect(counters.partsInFlight).toBe(counters.partsSent);
  server.kill('SIGCONT');
  expect((await infer(client, 5000)).outputs[0].shape).toEqual([ROWS]);
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
  expect(performance.now() - start).toBeLessThan(1500);
  expect(again.exitCode).toBeNull();
});
