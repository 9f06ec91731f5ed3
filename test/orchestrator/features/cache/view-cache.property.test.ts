import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallSignal } from '../../../../foundation/cancel-signal.ts';
import { openViewCache, type ViewCache } from '../../../../orchestrator/features/cache/view-cache.ts';
import { fetchInTime } from '../../../../orchestrator/features/fetch-in-time.ts';
import type { FeatureSource } from '../../../../orchestrator/features/source.ts';
import { cellsOf, ControlledSource, FIELDS, keysOf, viewOf, type Asked, type Given } from '../controlled-source.ts';

const CONFIG = { ttl: 100, staleWhileRevalidate: 200, staleIfError: 500, negativeTtl: 40, maxEntries: 100 };
const KEYS = ['a', 'b', 'c', 'd'];

type Command =
  | { do: 'ask'; keys: string[]; deadlineInMs: number; cancels: boolean }
  | { do: 'answer'; which: number; outcomes: ('row' | 'NOT_FOUND' | 'TIMEOUT' | 'ERROR')[] }
  | { do: 'fail'; which: number }
  | { do: 'wait'; ms: number }
  | { do: 'expire'; key: string };

const commands = fc.array(
  fc.oneof<fc.Arbitrary<Command>[]>(
    fc.record({
      do: fc.constant('ask' as const),
      keys: fc.uniqueArray(fc.constantFrom(...KEYS), { minLength: 1 }),
      deadlineInMs: fc.integer({ min: 1, max: 150 }),
      cancels: fc.boolean(),
    }),
    fc.record({
      do: fc.constant('answer' as const),
      which: fc.nat(5),
      outcomes: fc.array(fc.constantFrom('row', 'row', 'row', 'NOT_FOUND', 'TIMEOUT', 'ERROR'), {
        minLength: KEYS.length,
        maxLength: KEYS.length,
      }),
    }),
    fc.record({ do: fc.constant('fail' as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 250 }) }),
    fc.record({ do: fc.constant('expire' as const), key: fc.constantFrom(...KEYS) }),
  ),
  { maxLength: 60, size: 'max' },
);

/** What came for a key and when: each row has a number of its own. */
interface Landing {
  key: string;
  atMs: number;
  number: number | undefined;
}

/** A source and a cache, and beside them the plainest account of what came when. */
class World {
  readonly source = new ControlledSource();
  readonly cache: ViewCache;
  readonly open: Asked[] = [];
  /** What did not hold. */
  readonly problems: string[] = [];
  readonly #cached: FeatureSource;
  readonly #startMs = Date.now();
  readonly #landings: Landing[] = [];
  /** Keys dropped while they were in flight: they may be fetched again at once, and what comes is their callers' only. */
  readonly #dropped = new Map<Asked, Set<string>>();
  readonly #pending: Promise<void>[] = [];

  constructor() {
    this.cache = openViewCache(viewOf(CONFIG), CONFIG, { now: this.now, random: () => 0.5 });
    this.#cached = this.cache.over({ fetch: (...args) => this.#onFetch(args) });
  }

  readonly now = (): number => Date.now() - this.#startMs;

  async run(command: Command): Promise<void> {
    switch (command.do) {
      case 'ask':
        this.#ask(command.keys, command.deadlineInMs, command.cancels);
        break;
      case 'answer':
        this.#answer(command.which, (key) => command.outcomes[KEYS.indexOf(key)]);
        break;
      case 'fail':
        this.#take(command.which)?.fail(new Error('down'));
        break;
      case 'wait':
        await vi.advanceTimersByTimeAsync(command.ms);
        break;
      case 'expire':
        this.cache.expire([command.key]);
        this.#landings.splice(0, Infinity, ...this.#landings.filter(({ key }) => key !== command.key));
        for (const asked of this.open) this.#dropped.get(asked)?.add(command.key);
        break;
    }
    await vi.advanceTimersByTimeAsync(0);
  }

  /** Lets everything end. */
  async end(): Promise<void> {
    await vi.advanceTimersByTimeAsync(20_000);
    await Promise.all(this.#pending);
    this.#hold(this.cache.keysInFlight === 0, 'keys are left in flight');
    this.#hold(vi.getTimerCount() === 0, 'timers are left');
    this.cache.close();
    const { entries, bytes } = this.cache.counters;
    this.#hold(entries === 0 && bytes === 0, `${entries} entries and ${bytes} bytes are left`);
  }

  #hold(holds: boolean, problem: string): void {
    if (!holds) this.problems.push(`${problem} at ${this.now()} ms`);
  }

  #onFetch(args: Parameters<FeatureSource['fetch']>): ReturnType<FeatureSource['fetch']> {
    const [keys] = args;
    for (const key of keys.text) {
      const fetching = this.open.filter((asked) => asked.keys.includes(key) && !this.#isDropped(asked, key));
      this.#hold(fetching.length === 0, `${key} is fetched while it is in flight`);
      const last = this.#lastOf(key);
      const ttl = last?.number === undefined ? CONFIG.negativeTtl : CONFIG.ttl;
      this.#hold(last === undefined || this.now() - last.atMs >= ttl, `${key} is fetched within its ttl`);
    }
    const fetched = this.source.fetch(...args);
    const asked = this.source.last;
    this.open.push(asked);
    this.#dropped.set(asked, new Set());
    asked.options.signal.addEventListener('abort', () => this.open.splice(this.open.indexOf(asked), 1));
    return fetched;
  }

  #isDropped(asked: Asked, key: string): boolean {
    return this.#dropped.get(asked)?.has(key) === true;
  }

  #lastOf(key: string): Landing | undefined {
    return this.#landings.findLast((landing) => landing.key === key);
  }

  #take(which: number): Asked | undefined {
    return this.open.splice(which % Math.max(1, this.open.length), 1)[0];
  }

  #answer(which: number, outcomeOf: (key: string) => 'row' | 'NOT_FOUND' | 'TIMEOUT' | 'ERROR'): void {
    const asked = this.#take(which);
    asked?.answer((key): Given => {
      const outcome = outcomeOf(key);
      const number = outcome === 'row' ? ++numbers : undefined;
      if (number !== undefined) keyOfNumber.set(number, { key, atMs: this.now() });
      const isKept = outcome === 'row' || outcome === 'NOT_FOUND';
      if (isKept && !this.#isDropped(asked, key)) this.#landings.push({ key, atMs: this.now(), number });
      return number === undefined ? (outcome as Given) : { n: number, s: key };
    });
  }

  #ask(keys: string[], deadlineInMs: number, cancels: boolean): void {
    const deadlineMs = this.now() + deadlineInMs;
    const signal = new CallSignal();
    const fetched = fetchInTime(this.#cached, keysOf(...keys), FIELDS, { asOfMs: 0, deadlineMs, signal }, this.now);
    const askedAtMs = this.now();
    const isAtHand = !(fetched instanceof Promise);
    const check = (answer: Awaited<typeof fetched>): void => {
      this.#hold(this.now() <= deadlineMs, 'a caller waits beyond its deadline');
      if (!('rows' in answer)) return;
      // Waiting for a turn counts as a part of a millisecond: what was at hand may be dropped meanwhile.
      const waitedMs = isAtHand ? 0 : Math.max(0.5, this.now() - askedAtMs);
      for (const [row, cells] of cellsOf(answer).entries()) this.#check(keys[row], cells, waitedMs);
    };
    if (fetched instanceof Promise) this.#pending.push(fetched.then(check));
    else check(fetched);
    if (cancels) signal.abort();
  }

  /** What was at hand has the age it had when it was asked for, `waitedMs` ago. */
  #check(key: string, [numeric, text]: string[], waitedMs: number): void {
    const [value, status, source] = numeric.split(' ');
    this.#hold(text.endsWith(` ${status} ${source}`), `the fields of ${key} disagree`);
    if (value === 'NaN') return this.#checkMissing(key, `${status} ${source}`, waitedMs);
    const given = keyOfNumber.get(Number(value));
    this.#hold(given?.key === key && text.startsWith(`${key} `), `${key} has the value of another key`);
    const isCurrent = source !== 'cache' || waitedMs > 0 || this.#lastOf(key)?.number === Number(value);
    this.#hold(isCurrent, `${key} has a row that was expired`);
    const ageMs = this.now() - given!.atMs;
    const [from, until] = agesOf(status, source);
    this.#hold(ageMs >= from && ageMs < until + waitedMs, `${key} is ${status} ${source} at an age of ${ageMs} ms`);
  }

  #checkMissing(key: string, state: string, waitedMs: number): void {
    const states = ['NOT_FOUND cache', 'NOT_FOUND service', 'TIMEOUT none', 'ERROR none'];
    this.#hold(states.includes(state), `${key} has no value and is ${state}`);
    if (state !== 'NOT_FOUND cache' || waitedMs !== 0) return;
    const last = this.#lastOf(key);
    const isKnown = last !== undefined && last.number === undefined && this.now() - last.atMs < CONFIG.negativeTtl;
    this.#hold(isKnown, `${key} is said not to be there`);
  }
}

let numbers = 0;
const keyOfNumber = new Map<number, { key: string; atMs: number }>();

/** From and until what age a value may be used, by what its state says of it. */
function agesOf(status: string, source: string): [number, number] {
  if (source === 'service') return [0, 1];
  if (source === 'cache') return [0, CONFIG.ttl];
  // One that was expired stands in for a failed fetch from then on.
  return status === 'PRESENT' ? [CONFIG.ttl, CONFIG.staleWhileRevalidate] : [0, CONFIG.staleIfError];
}

beforeEach(() => {
  vi.useFakeTimers({ toNotFake: ['setImmediate', 'clearImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('whatever is asked, answered, lost and dropped, each value is its key’s, of the age that its state says, and fetched once', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (list) => {
      const world = new World();
      for (const command of list) await world.run(command);
      await world.end();
      expect(world.problems).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
