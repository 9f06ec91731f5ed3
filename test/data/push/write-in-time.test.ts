import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { writeInTime } from '../../../data/push/write-in-time.ts';
import { CallSignal } from '../../../foundation/cancel-signal.ts';

describe('a write', () => {
  test('gives how many rows it put in place, or what it failed with', async () => {
    await expect(writeInTime(() => Promise.resolve(3), new CallSignal(), 1000)).resolves.toBe(3);
    const full = Promise.reject(new Error('full'));
    await expect(writeInTime(() => full, new CallSignal(), 1000)).rejects.toThrow('full');
  });

  test('is given up when its time is over, whatever the sink does, which is told', async () => {
    let told: AbortSignal | undefined;
    const never = (signal: AbortSignal): Promise<number> => {
      told = signal;
      return new Promise(() => {});
    };
    await expect(writeInTime(never, new CallSignal(), 20)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(told?.aborted).toBe(true);
  });

  test('ends with its caller, also one that had left before', async () => {
    const caller = new CallSignal();
    const write = async (signal: AbortSignal): Promise<number> => {
      if (!signal.aborted) await once(signal, 'abort');
      throw new Error('as a sink does');
    };
    const writing = writeInTime(write, caller, 60_000);
    caller.abort();
    await expect(writing).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(writeInTime(write, caller, 60_000)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
