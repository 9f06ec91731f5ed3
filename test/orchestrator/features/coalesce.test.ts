import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../foundation/errors.ts';
import { CallSignal } from '../../../foundation/cancel-signal.ts';
import { coalesce } from '../../../orchestrator/features/coalesce.ts';
import type { FeatureSource, FieldSpec } from '../../../orchestrator/features/source.ts';
import type { Columns } from '../../../orchestrator/plan/column.ts';
import { cellsOf, columnsOf, ControlledSource, FIELDS, keysOf } from './controlled-source.ts';

let startMs = 0;
const now = () => Date.now() - startMs;
let source: ControlledSource;
let merged: FeatureSource;

function open(limits: { maxKeys?: number; maxInFlight?: number } = {}): void {
  source = new ControlledSource();
  merged = coalesce(source, { maxKeys: 100, maxInFlight: 10, now, ...limits });
}

interface Asking {
  deadlineInMs?: number;
  signal?: CallSignal;
  fields?: readonly FieldSpec[];
  trace?: string;
}

async function ask(text: string[], asking: Asking = {}): Promise<Columns> {
  const { deadlineInMs = 100, signal = new CallSignal(), fields = FIELDS, trace } = asking;
  const options = { asOfMs: 0, deadlineMs: now() + deadlineInMs, signal, ...(trace ? { trace } : {}) };
  return merged.fetch(keysOf(...text), fields, options);
}

const turn = () => vi.advanceTimersByTimeAsync(0);
const give = (key: string) => ({ n: Number(key.slice(1)), s: key });
const texts = async (answer: Promise<Columns>) => cellsOf(await answer).map(([, s]) => s);
const code = (answer: Promise<Columns>) =>
  answer.then(
    () => 'answered',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
const asked = () => source.asked.map(({ keys }) => keys);

beforeEach(() => {
  vi.useFakeTimers({ toNotFake: ['setImmediate', 'clearImmediate'] });
  startMs = Date.now();
  open();
});
afterEach(() => {
  const timers = vi.getTimerCount();
  vi.useRealTimers();
  if (timers > 0) throw new Error(`${timers} timers are left`);
});

describe('a coalesced source', () => {
  it('fetches what is asked in one turn once, and gives each caller its own rows in its own order', async () => {
    const first = ask(['k1', 'k2'], { trace: 'first' });
    const second = ask(['k3', 'k2', 'k1'], { deadlineInMs: 200, trace: 'second' });
    await turn();
    expect(asked()).toEqual([['k1', 'k2', 'k3']]);
    expect(source.last.options).toMatchObject({ deadlineMs: 200, trace: 'first' });
    source.last.answer(give);
    expect(await texts(first)).toEqual(['k1 PRESENT service', 'k2 PRESENT service']);
    expect(await texts(second)).toEqual(['k3', 'k2', 'k1'].map((key) => `${key} PRESENT service`));
  });

  it('merges only what asks for the same list of fields', async () => {
    const other: FieldSpec[] = [{ name: 'n', type: 'double' }];
    const answers = [ask(['k1']), ask(['k1'], { fields: other })];
    await turn();
    expect(source.asked.map(({ fields }) => fields)).toEqual([['n', 's'], ['n']]);
    for (const each of source.asked) each.answer(give);
    await Promise.all(answers);
  });

  it('cuts what is too much for one fetch, and fails only the keys of the part that fails', async () => {
    open({ maxKeys: 2 });
    const first = ask(['k1', 'k2', 'k3']);
    const second = ask(['k3']);
    await turn();
    expect(asked()).toEqual([['k1', 'k2'], ['k3']]);
    source.asked[0].answer(give);
    source.asked[1].fail(new Error('down'));
    expect(await texts(first)).toEqual(['k1 PRESENT service', 'k2 PRESENT service', 'null ERROR none']);
    expect(await code(second)).toBe('Error: down');
  });

  it('passes on what the source says of each row: times, freshness, states', async () => {
    const answer = ask(['k1', 'k2', 'k3']);
    await turn();
    const given = { k1: 'NOT_FOUND', k2: 'TIMEOUT', k3: { n: null, s: 'x' } } as const;
    const freshMs = Float64Array.of(5, Number.NaN, 7);
    source.last.answer((key) => given[key as keyof typeof given], { freshMs });
    const columns = await answer;
    expect(cellsOf(columns).map(([n]) => n)).toEqual([
      'NaN NOT_FOUND service',
      'NaN TIMEOUT none',
      'NaN NULL_VALUE service',
    ]);
    expect(columns.freshMs).toEqual(freshMs);
    expect([...columns.timestampMs]).toEqual([1_000_000, 1_000_000, 1_000_000]);
  });

  it('answers a caller at its deadline with what is there, the others later', async () => {
    open({ maxKeys: 1 });
    const hasty = ask(['k1', 'k2'], { deadlineInMs: 20 });
    const patient = ask(['k2'], { deadlineInMs: 60 });
    await turn();
    source.asked[0].answer(give);
    await vi.advanceTimersByTimeAsync(20);
    expect(await texts(hasty)).toEqual(['k1 PRESENT service', 'null TIMEOUT none']);
    expect(source.asked[1].options.signal.aborted).toBe(false);
    source.asked[1].answer(give);
    expect(await texts(patient)).toEqual(['k2 PRESENT service']);
  });

  it('aborts a fetch when all its callers have gone, and not before', async () => {
    const signals = [new CallSignal(), new CallSignal()];
    const codes = signals.map((signal) => code(ask(['k1'], { signal })));
    await turn();
    signals[0].abort();
    expect(source.last.options.signal.aborted).toBe(false);
    signals[1].abort();
    expect(source.last.options.signal.aborted).toBe(true);
    expect(await Promise.all(codes)).toEqual(['CANCELLED', 'CANCELLED']);
  });

  it('never asks for what nobody waits for any more', async () => {
    const signal = new CallSignal();
    const gone = code(ask(['k1'], { signal }));
    signal.abort();
    await turn();
    expect([await gone, asked()]).toEqual(['CANCELLED', []]);
    expect(await code(ask(['k1'], { signal }))).toBe('CANCELLED');
    await turn();
    expect(asked()).toEqual([]);
  });

  it('gathers what comes while every place in flight is taken, within the deadlines', async () => {
    open({ maxInFlight: 1 });
    const first = ask(['k1']);
    await turn();
    const second = ask(['k2', 'k3']);
    await turn();
    const third = ask(['k3', 'k4']);
    const late = code(ask(['k5'], { deadlineInMs: 20 }));
    await vi.advanceTimersByTimeAsync(20);
    expect([await late, asked()]).toEqual(['DEADLINE_EXCEEDED', [['k1']]]);
    source.last.answer(give);
    await first;
    await turn();
    expect(asked()[1]).toEqual(['k2', 'k3', 'k4', 'k5']);
    source.last.answer(give);
    expect(await texts(second)).toEqual(['k2 PRESENT service', 'k3 PRESENT service']);
    expect(await texts(third)).toEqual(['k3 PRESENT service', 'k4 PRESENT service']);
  });

  it('frees the place of a fetch that its callers left, even if the source never settles', async () => {
    open({ maxInFlight: 1 });
    const signal = new CallSignal();
    const left = code(ask(['k1'], { signal }));
    await turn();
    const next = ask(['k2']);
    signal.abort();
    await left;
    await turn();
    expect(asked()).toEqual([['k1'], ['k2']]);
    source.last.answer(give);
    await next;
  });
});

const caller = fc.record({
  keys: fc.uniqueArray(fc.nat(12), { minLength: 1, maxLength: 8 }),
  turns: fc.nat(3),
  cancels: fc.boolean(),
});

it('gives everyone what the source has for the keys, whoever asks, leaves and waits', async () => {
  vi.useFakeTimers(); // the turns too: many fetches follow one another
  await fc.assert(
    fc.asyncProperty(fc.array(caller, { maxLength: 12 }), fc.nat(4), fc.nat(2), async (callers, maxKeys, places) => {
      let inFlight = 0;
      let most = 0;
      const tardy: FeatureSource = {
        async fetch(keys, fields) {
          expect(keys.count).toBeLessThanOrEqual(maxKeys + 1);
          expect(new Set(keys.text).size).toBe(keys.count);
          most = Math.max(most, ++inFlight);
          await new Promise((resolve) => setTimeout(resolve, 5));
          inFlight--;
          return columnsOf(keys.text, fields, give);
        },
      };
      merged = coalesce(tardy, { maxKeys: maxKeys + 1, maxInFlight: places + 1, now });
      const answers: Promise<unknown>[] = [];
      for (const { keys, turns, cancels } of callers) {
        const signal = new CallSignal();
        const text = keys.map((key) => `k${key}`);
        const answer = ask(text, { signal, deadlineInMs: 100_000 });
        const wanted = cancels ? 'CANCELLED' : text.map((key) => `${key} PRESENT service`);
        const got = cancels ? code(answer) : texts(answer);
        answers.push(got.then((each) => expect(each).toEqual(wanted)));
        if (cancels) signal.abort();
        await vi.advanceTimersByTimeAsync(turns);
      }
      await vi.advanceTimersByTimeAsync(2000);
      await Promise.all(answers);
      expect(inFlight).toBe(0);
      // A fetch that was left may still be on its way when its place is given to the next.
      const left = callers.filter(({ cancels }) => cancels).length;
      expect(most).toBeLessThanOrEqual(places + 1 + left);
    }),
    { numRuns: 60 },
  );
});
