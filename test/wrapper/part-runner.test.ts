import { expect, test } from 'vitest';
import type { PredictRequest } from '../../wrapper/predictor.ts';
import { PartRunner, type Part, type PartSink, type RunnerLimits } from '../../wrapper/part-runner.ts';
import { LiveRequest } from '../../wrapper/request.ts';

interface Bench {
  runner: PartRunner;
  part: (options?: { deadlineMs?: number; bytes?: number }) => Part;
  /** Parts in the order in which they finished, `|` at each flush. */
  finished: (number | '|')[];
  failures: string[];
  clock: { nowMs: number };
  idle: () => Promise<void>;
}

function bench(predict: (request: PredictRequest) => unknown, limits?: Partial<RunnerLimits>): Bench {
  const clock = { nowMs: 0 };
  const finished: (number | '|')[] = [];
  const failures: string[] = [];
  let lastId = 0;
  const runner = new PartRunner({
    predict,
    clock: () => clock.nowMs,
    onFailure: ({ code }) => failures.push(code),
    limits: { pendingParts: 100, pendingBytes: 1000, running: 10, startsATurn: 8, ...limits },
  });
  const sink: PartSink = { finished: ({ id }) => finished.push(id), flush: () => finished.push('|') };
  return {
    runner,
    finished,
    failures,
    clock,
    part({ deadlineMs = Number.POSITIVE_INFINITY, bytes = 1 } = {}) {
      lastId += 1;
      const inputs = { matrix: Float64Array.of(lastId), columns: [] };
      const request = new LiveRequest(['a'], 1, inputs, undefined);
      return { id: lastId, request, deadlineMs, bytes, sink, runner, state: 'waiting', outputs: [], error: undefined };
    },
    async idle() {
      while (runner.pending > 0) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const echo = ({ matrix }: PredictRequest): Float64Array => matrix as Float64Array;

test('parts that came together run in order and are flushed once', async () => {
  const { runner, part, finished, idle } = bench(echo);
  const parts = [part(), part(), part()];
  for (const one of parts) runner.accept(one);
  expect(finished).toEqual([]);
  await idle();
  expect(finished).toEqual([1, 2, 3, '|']);
  expect(parts.map(({ outputs }) => outputs[0].data)).toEqual([1, 2, 3].map((id) => Float64Array.of(id)));
});

test('a turn that computes for long is cut, so that answers leave and cancels arrive in between', async () => {
  const { runner, part, finished, clock, idle } = bench((request) => {
    clock.nowMs += 1.5;
    return echo(request);
  });
  for (let at = 0; at < 5; at += 1) runner.accept(part());
  await idle();
  expect(finished).toEqual([1, 2, '|', 3, 4, '|', 5, '|']);
});

test('a part that expires while others compute is not begun', async () => {
  const seen: number[] = [];
  const { runner, part, clock, idle } = bench((request) => {
    seen.push(request.matrix[0]);
    clock.nowMs += 1;
    return echo(request);
  });
  const parts = [part(), part({ deadlineMs: 1 }), part({ deadlineMs: 1.5 })];
  for (const one of parts) runner.accept(one);
  await idle();
  expect(seen).toEqual([1, 3]);
  expect(parts.map(({ error }) => error?.code)).toEqual([undefined, 'DEADLINE_EXCEEDED', undefined]);
});

test('a cancel right behind a part saves its work', async () => {
  const { runner, part, idle, failures } = bench(() => {
    throw new Error('was run');
  });
  const cancelled = part();
  runner.accept(cancelled);
  runner.cancel(cancelled);
  expect(cancelled.error?.code).toBe('CANCELLED');
  await idle();
  expect(failures).toEqual([]);
});

test('more parts or bytes than the bounds are refused at once and leave room when others finish', async () => {
  const { runner, part, idle } = bench(echo, { pendingParts: 2, pendingBytes: 10 });
  const parts = [part({ bytes: 4 }), part({ bytes: 7 }), part({ bytes: 4 }), part()];
  for (const one of parts) runner.accept(one);
  expect(parts.map(({ error }) => error?.code)).toEqual([undefined, 'OVERLOADED', undefined, 'OVERLOADED']);
  await idle();
  const next = part({ bytes: 10 });
  runner.accept(next);
  await idle();
  expect(next.error).toBeUndefined();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('promises are open up to the bound, eight begun a turn, and others begin as they settle', async () => {
  const open: (() => void)[] = [];
  const { runner, part, idle } = bench((request) => new Promise((resolve) => open.push(() => resolve(echo(request)))), {
    running: 10,
  });
  for (let at = 0; at < 12; at += 1) runner.accept(part());
  await turn();
  expect(open).toHaveLength(8);
  await turn();
  await turn();
  expect(open).toHaveLength(10);
  open[3]();
  await turn();
  await turn();
  expect(open).toHaveLength(11);
  for (const settle of open) settle();
  await turn();
  await turn();
  for (const settle of open) settle();
  await idle();
});

test('a predictor whose promises never settle is stuck once no more can be begun', async () => {
  const never = new Promise(() => undefined);
  const { runner, part, clock } = bench(() => never, { running: 2 });
  runner.accept(part());
  runner.accept(part());
  await new Promise((resolve) => setImmediate(resolve));
  expect(runner.isStuck(100)).toBe(false);
  clock.nowMs = 101;
  expect(runner.isStuck(100)).toBe(true);
});

test('what is thrown, rejected or invalid fails its part with its own code', async () => {
  const answers: (() => unknown)[] = [
    () => {
      throw new Error('thrown');
    },
    () => Promise.reject(new Error('rejected')),
    () => undefined,
    () => Promise.resolve([Number.NaN]),
    () => [1],
  ];
  const { runner, part, failures, idle } = bench(() => answers.shift()!());
  const parts = [part(), part(), part(), part(), part()];
  for (const one of parts) runner.accept(one);
  await idle();
  const codes = ['PREDICTOR_FAILED', 'PREDICTOR_FAILED', 'PREDICTOR_INVALID_OUTPUT', 'PREDICTOR_INVALID_OUTPUT'];
  expect(parts.map(({ error }) => error?.code)).toEqual([...codes, undefined]);
  expect(failures.sort()).toEqual(codes);
});
