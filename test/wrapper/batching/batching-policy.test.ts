import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchingPolicy, type BatchingLimits, type Waiting } from '../../../wrapper/batching/batching-policy.ts';
import { ensurePython } from '../../python.ts';

const LIMITS: BatchingLimits = { maxRows: 100, maxWaitMs: 10 };
const waiting = (calls: number, more: Partial<Waiting> = {}): Waiting => ({
  calls,
  rows: calls,
  sinceMs: 1000,
  deadlineMs: Infinity,
  ...more,
});

/** Calls every `gapMs`, the last one at 1000; a model of `fixedMs` and `perRowMs`. */
function learned({ gapMs, fixedMs, perRowMs }: { gapMs: number; fixedMs: number; perRowMs: number }): BatchingPolicy {
  const policy = new BatchingPolicy(LIMITS);
  for (let at = 200; at >= 0; at--) policy.came(1000 - at * gapMs);
  for (let rows = 1; rows <= 50; rows++) policy.took(rows, fixedMs + perRowMs * rows);
  return policy;
}

describe('how long calls wait for one more', () => {
  test('not at all before anything is known', () => {
    expect(new BatchingPolicy(LIMITS).waitUntil(waiting(1), 1000)).toBe(1000);
  });

  test('while the gap that all who wait lose is less than the time that one model call costs', () => {
    const policy = learned({ gapMs: 1, fixedMs: 5, perRowMs: 0.1 });
    expect(policy.waitUntil(waiting(1), 1000)).toBeCloseTo(1002);
    expect(policy.waitUntil(waiting(4), 1000)).toBeCloseTo(1002);
    expect(policy.waitUntil(waiting(6), 1000)).toBe(1000);
  });

  test('not where calls come too rarely for it', () => {
    expect(learned({ gapMs: 8, fixedMs: 5, perRowMs: 0.1 }).waitUntil(waiting(1), 1000)).toBe(1000);
  });

  test('not where the rows alone take the time', () => {
    expect(learned({ gapMs: 1, fixedMs: 0, perRowMs: 5 }).waitUntil(waiting(1), 1000)).toBe(1000);
  });

  test('not when the rows are as many as may be', () => {
    expect(learned({ gapMs: 1, fixedMs: 5, perRowMs: 0.1 }).waitUntil(waiting(2, { rows: 100 }), 1000)).toBe(1000);
  });

  test('never past `maxWait`, and never so long that a deadline would pass', () => {
    const policy = learned({ gapMs: 1, fixedMs: 50, perRowMs: 0 });
    expect(policy.waitUntil(waiting(1, { sinceMs: 991 }), 1000)).toBeCloseTo(1001);
    expect(policy.waitUntil(waiting(1, { deadlineMs: 1053.5 }), 1000)).toBeCloseTo(1001.5);
  });
});

/** What happened, in an order of its own, in whole milliseconds. */
const happened = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('came' as const), ms: fc.nat(30) }),
    fc.record({ kind: fc.constant('took' as const), rows: fc.integer({ min: 1, max: 200 }), ms: fc.nat(40) }),
    fc.record({
      kind: fc.constant('ask' as const),
      calls: fc.integer({ min: 1, max: 20 }),
      rows: fc.integer({ min: 1, max: 150 }),
      since: fc.nat(10),
      left: fc.nat(100),
    }),
  ),
  { minLength: 1, maxLength: 60 },
);

const PYTHON = `
import json, sys
from tandem_wrapper.batching_policy import BatchingLimits, BatchingPolicy, Waiting

for line in sys.stdin:
    policy, now, answers = BatchingPolicy(BatchingLimits(100, 0.01)), 1.0, []
    for each in json.loads(line):
        if each["kind"] == "came":
            now += each["ms"] / 1000
            policy.came(now)
        elif each["kind"] == "took":
            policy.took(each["rows"], each["ms"] / 1000)
        else:
            since, deadline = now - each["since"] / 1000, now + each["left"] / 1000
            answers.append((policy.wait_until(Waiting(each["calls"], each["rows"], since, deadline), now) - now) * 1000)
    print(json.dumps(answers))
`;

test('the wrapper in Python decides the same', async () => {
  const cases = fc.sample(happened, { numRuns: 300, seed: 7 });
  const told = execFileSync(await ensurePython(), ['-c', PYTHON], {
    input: cases.map((each) => `${JSON.stringify(each)}\n`).join(''),
    env: { ...process.env, PYTHONPATH: fileURLToPath(new URL('../../../wrapper/python', import.meta.url)) },
    encoding: 'utf8',
  });
  const python = told
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as number[]);
  const ours = cases.map((events) => {
    const policy = new BatchingPolicy(LIMITS);
    let nowMs = 1000;
    return events.flatMap((each) => {
      if (each.kind === 'came') policy.came((nowMs += each.ms));
      else if (each.kind === 'took') policy.took(each.rows, each.ms);
      else {
        const { calls, rows, since, left } = each;
        const asked = { calls, rows, sinceMs: nowMs - since, deadlineMs: nowMs + left };
        return [policy.waitUntil(asked, nowMs) - nowMs];
      }
      return [];
    });
  });
  expect(ours.flat().some((ms) => ms > 0)).toBe(true);
  for (const [at, answers] of ours.entries()) {
    expect(python[at]).toHaveLength(answers.length);
    for (const [which, ms] of answers.entries()) expect(python[at][which]).toBeCloseTo(ms, 6);
  }
});
