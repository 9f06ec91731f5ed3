import type { Expected, Reference } from './expected.ts';
import { byViewAndStatus, keysOf, unusableOf, VIEWS, type Board, type DegradedView, type View } from './flights.ts';
import { judge, parseObject, type Verdict } from './judge.ts';

/**
 * What the answer to a board may be while a store or a service does wrong. The board asks for `degraded: "full"` and has
 * at most 100 departures, so that the answer says of each one which views it had no true row of.
 */
export interface ExpectedTold {
  /** While all is well. */
  fresh: Expected;
  /** Of each departure: what each view finds its row by, and the views that have none which may be used. */
  rows: { keys: Readonly<Record<View, string | undefined>>; unusable: ReadonlyMap<View, string> }[];
  /** What a departure is scored with where these views gave it nothing. */
  predict(row: number, failed: ReadonlySet<View>): Promise<number | null>;
}

/** What an answer made of its rows: all of them fresh, some of them stale, some of them defaulted. */
export type ToldVerdict = { kind: 'fresh' | 'stale' | 'defaulted' } | Exclude<Verdict, { kind: 'true' }>;

/** What a departure had of a view. */
type Fate = 'fresh' | 'stale' | 'defaulted';

/** An entry of `degraded` that names its rows. */
interface ToldView extends DegradedView {
  rows: number[];
}

/** Works out what the board's answer must be, and what else it may be as it is asked for. */
export async function expectTold(reference: Reference, board: Board): Promise<ExpectedTold> {
  const { request, instances } = board;
  const known = new Map<string, Promise<number | null>>();
  return {
    fresh: await reference.expect(board),
    rows: instances.map((flight) => ({
      keys: keysOf(flight, request),
      unusable: unusableOf(flight, request, reference.tables),
    })),
    predict(row, failed) {
      const name = `${row} ${[...failed].join(' ')}`;
      const prediction = known.get(name) ?? reference.predictWithout(failed, instances[row], request);
      known.set(name, prediction);
      return prediction;
    },
  };
}

/**
 * Compares an answer with what it may be: each departure is scored with the true rows of all views but of those that are
 * told to have failed for it, and departures that share a row share what is told of it. All else is judged as ever.
 */
export async function judgeTold(status: number, body: string, expected: ExpectedTold): Promise<ToldVerdict> {
  const { fresh } = expected;
  const answer = parseObject(body);
  const told = (answer?.['degraded'] ?? []) as ToldView[];
  // A call that fails before its features are gathered has no views to tell of.
  const isUngathered = answer?.['fallback'] !== undefined && told.length === 0;
  const fates = status !== 200 || isUngathered ? [] : readFates(told, expected);
  if (typeof fates === 'string') return { kind: 'wrong', reason: fates };
  const predictions = [...fresh.predictions];
  for (const [row, views] of fates.entries()) {
    const failed = new Set(VIEWS.filter((view) => views[view] === 'defaulted'));
    if (failed.size > 0) predictions[row] = await expected.predict(row, failed);
  }
  const verdict = judge(status, body, { ids: fresh.ids, predictions, degraded: told.toSorted(byViewAndStatus) });
  if (verdict.kind === 'wrong') return { kind: 'wrong', reason: `${verdict.reason}; told ${describeTold(told)}` };
  if (verdict.kind !== 'true') return verdict;
  const kinds = new Set(fates.flatMap((views) => Object.values(views)));
  return { kind: kinds.has('defaulted') ? 'defaulted' : kinds.has('stale') ? 'stale' : 'fresh' };
}

/** What each departure had of each view, as it is told; else what is wrong with that. */
function readFates(told: readonly ToldView[], { rows }: ExpectedTold): Record<View, Fate>[] | string {
  const toldOf = new Map<string, ToldView>();
  for (const entry of told) {
    const { view, count, rows: named } = entry;
    if (named?.length !== count) return `${view} names ${named?.length} of ${count} departures`;
    for (const row of named) {
      if (rows[row] === undefined || toldOf.has(`${view} ${row}`)) return `${view} names departure ${row}, or twice`;
      toldOf.set(`${view} ${row}`, entry);
    }
  }
  const toldOfKey = new Map<string, ToldView | undefined>();
  const fates: Record<View, Fate>[] = [];
  for (const [row, { keys, unusable }] of rows.entries()) {
    const views: Partial<Record<View, Fate>> = {};
    for (const view of VIEWS) {
      const entry = toldOf.get(`${view} ${row}`);
      const shared = `${view} ${keys[view]}`;
      if (toldOfKey.has(shared) && toldOfKey.get(shared) !== entry) return `${view} is told of a part of ${keys[view]}`;
      toldOfKey.set(shared, entry);
      views[view] = fateOf(entry, keys[view], unusable.get(view));
      if (views[view] === undefined) {
        return `${view} of departure ${row} told as ${entry ? `${entry.status} ${entry.source}` : 'fresh'}`;
      }
    }
    fates.push(views as Record<View, Fate>);
  }
  return fates;
}

const FAILED = new Set(['TIMEOUT', 'ERROR']);

/** What a departure had of a view by what is told of it; undefined where that cannot be. */
function fateOf(told: ToldView | undefined, key: string | undefined, unusable: string | undefined): Fate | undefined {
  if (told === undefined) return unusable === undefined ? 'fresh' : undefined;
  const { status, source } = told;
  const hasRow = unusable === undefined;
  if (source === 'none' && status === unusable) return 'fresh';
  // Where there is no row to miss, that nothing was given is no loss.
  if (source === 'none' && FAILED.has(status) && key !== undefined) return hasRow ? 'defaulted' : 'fresh';
  if (source === 'stale' && (status === 'PRESENT' || FAILED.has(status)) && hasRow) return 'stale';
  // There is a row, without its fields: `nulls: default`; where a fetch failed, it is a stale one.
  const isOfNulls = status === 'NULL_VALUE' || FAILED.has(status);
  return source === 'default' && isOfNulls && hasRow ? 'defaulted' : undefined;
}

/** `3 weather ERROR none, 1 plane NOT_FOUND none` */
function describeTold(told: readonly ToldView[]): string {
  return told.map(({ view, status, source, count }) => `${count} ${view} ${status} ${source}`).join(', ');
}
