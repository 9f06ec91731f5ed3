import type { Expected, Reference } from './expected.ts';
import { byViewAndStatus, degradedOf, type Board, type DegradedView } from './flights.ts';
import { judge, parseObject, type Verdict } from './judge.ts';

/** The departures of one airport of a board: they share one row of weather. */
interface Airport {
  rows: number[];
  /** Whether anything was observed there in that hour. */
  isObserved: boolean;
}

/** What the answer to one board may be while its weather service does wrong. */
export interface ExpectedWeather {
  /** With its weather, as it is told then. */
  fresh: Expected;
  /** With no temperature and the default of the wind. */
  withoutWeather: (number | null)[];
  airports: Airport[];
}

/** What an answer made of the weather: all of it fresh, some of it stale, some of it not there. */
export type WeatherVerdict = { kind: 'fresh' | 'stale' | 'defaulted' } | Exclude<Verdict, { kind: 'true' }>;

/** Works out both: the weather as it was observed, and as if nothing had been. */
export async function expectWeather(reference: Reference, board: Board): Promise<ExpectedWeather> {
  const rowsOf = new Map<string, number[]>();
  for (const [row, { origin }] of board.instances.entries()) rowsOf.set(origin, [...(rowsOf.get(origin) ?? []), row]);
  const isObserved = (row: number): boolean => {
    const alone = { ...board, instances: [board.instances[row]] };
    return !degradedOf(alone, reference.tables).some(({ view }) => view === 'weather');
  };
  return {
    fresh: await reference.expect(board),
    withoutWeather: await reference.predictWithoutWeather(board),
    airports: Array.from(rowsOf.values(), (rows) => ({ rows, isObserved: isObserved(rows[0]) })),
  };
}

/** What may have become of an airport's weather: whose values were used, and what is told of it. */
interface Fate {
  kind: 'fresh' | 'stale' | 'defaulted';
  told: DegradedView | undefined;
}

/**
 * Compares an answer with what it may be: each airport's departures are all scored with the weather that was observed, or
 * all without it, and what is told of the view is neither more nor less than that. All else is judged as ever.
 */
export function judgeWeather(status: number, body: string, expected: ExpectedWeather): WeatherVerdict {
  const { fresh, airports } = expected;
  const asFresh = judge(status, body, fresh);
  if (asFresh.kind === 'true') return { kind: 'fresh' };
  const answer = parseObject(body) as Answer | undefined;
  if (status !== 200 || answer === undefined) return asFresh;
  const told = (answer.degraded ?? []).filter(({ view }) => view === 'weather');
  const fates = findFates(answer, told, expected);
  if (fates === undefined) {
    return { kind: 'wrong', reason: `predictions that are not those of the weather told: ${JSON.stringify(told)}` };
  }
  const predictions = [...fresh.predictions];
  for (const [at, { rows }] of airports.entries()) {
    if (fates[at].kind === 'defaulted') for (const row of rows) predictions[row] = expected.withoutWeather[row];
  }
  const others = fresh.degraded.filter(({ view }) => view !== 'weather');
  const degraded = [...others, ...told].toSorted(byViewAndStatus);
  const verdict = judge(status, body, { ids: fresh.ids, predictions, degraded });
  if (verdict.kind !== 'true') return verdict;
  const kinds = new Set(fates.filter((_, at) => airports[at].isObserved).map(({ kind }) => kind));
  return { kind: kinds.has('defaulted') ? 'defaulted' : kinds.has('stale') ? 'stale' : 'fresh' };
}

interface Answer {
  predictions: (number | null)[];
  degraded?: DegradedView[];
  fallback?: string;
}

/** A fate for each airport such that what is told is told of as many departures as there are; undefined where there is none. */
function findFates(answer: Answer, told: readonly DegradedView[], expected: ExpectedWeather): Fate[] | undefined {
  const left = new Map(told.map((entry) => [entry, entry.count]));
  const fates: Fate[] = [];
  const assign = (at: number): boolean => {
    if (at === expected.airports.length) return [...left.values()].every((count) => count === 0);
    const airport = expected.airports[at];
    for (const fate of possibleFates(airport, told)) {
      if (answer.fallback === undefined && !hasPredictions(answer, airport, fate, expected)) continue;
      const count = fate.told && left.get(fate.told)!;
      if (count !== undefined && count < airport.rows.length) continue;
      if (fate.told) left.set(fate.told, count! - airport.rows.length);
      fates[at] = fate;
      if (assign(at + 1)) return true;
      if (fate.told) left.set(fate.told, count!);
    }
    return false;
  };
  // A call that fails before its features are gathered has no views to tell of.
  if (answer.fallback !== undefined && told.length === 0) {
    return expected.airports.map(() => ({ kind: 'fresh', told: undefined }));
  }
  return assign(0) ? fates : undefined;
}

const FAILED = new Set(['TIMEOUT', 'ERROR']);

function possibleFates({ isObserved }: Airport, told: readonly DegradedView[]): Fate[] {
  const fates: Fate[] = isObserved ? [{ kind: 'fresh', told: undefined }] : [];
  for (const entry of told) {
    const { status, source } = entry;
    if (source === 'stale' && (status === 'PRESENT' || FAILED.has(status)) && isObserved) {
      fates.push({ kind: 'stale', told: entry });
    } else if (source === 'none' && FAILED.has(status)) fates.push({ kind: 'defaulted', told: entry });
    else if (source === 'none' && status === 'NOT_FOUND' && !isObserved) fates.push({ kind: 'fresh', told: entry });
    // The service had a row without its fields: `nulls: default`.
    else if (source === 'default' && status === 'NULL_VALUE') fates.push({ kind: 'defaulted', told: entry });
  }
  return fates;
}

function hasPredictions(
  { predictions }: Answer,
  { rows }: Airport,
  { kind }: Fate,
  expected: ExpectedWeather,
): boolean {
  const wanted = kind === 'defaulted' ? expected.withoutWeather : expected.fresh.predictions;
  return rows.every((row) => Math.abs(Number(predictions[row]) - Number(wanted[row])) <= 1e-6);
}
