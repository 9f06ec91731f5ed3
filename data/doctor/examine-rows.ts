import { formatTimestamp } from '../../foundation/timestamp.ts';
import { fetchInTime } from '../../orchestrator/features/fetch-in-time.ts';
import type { FeatureSource, FieldSpec, InspectOptions } from '../../orchestrator/features/source.ts';
import { Source, sourceOf, Status, statusOf, type Columns } from '../../orchestrator/plan/column.ts';
import type { RowsExamination } from './examination.ts';

/** Keys of one fetch: within the `timeout` that a store has for the few keys of a request. */
const KEYS_A_FETCH = 100;

/** A field that no row has: null in every row that can be read, so that it tells those from the ones that cannot. */
export const PROBE: FieldSpec = { name: '_tandem_doctor', type: 'string' };

interface RowsOptions extends InspectOptions {
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  /** The moment that ages are against, epoch ms. */
  asOfMs: number;
  maxAgeMs: number | undefined;
}

/** What is counted over all fetches of a sample. */
interface Counts {
  decoded: number;
  undecodable: number;
  absent: number;
  unread: number;
  nulls: number[];
  wrongTypes: number[];
  untimed: number;
  outsideMaxAge: number;
  oldestMs: number;
  newestMs: number;
}

/** Reads the rows of these keys as a view reads them, as many as there is time for, and counts what they are like. */
export async function examineRows(
  source: FeatureSource,
  keys: readonly string[],
  fields: readonly FieldSpec[],
  options: RowsOptions,
): Promise<RowsExamination> {
  const { now, asOfMs, deadlineMs, signal } = options;
  const counts: Counts = {
    decoded: 0,
    undecodable: 0,
    absent: 0,
    unread: 0,
    nulls: fields.map(() => 0),
    wrongTypes: fields.map(() => 0),
    untimed: 0,
    outsideMaxAge: 0,
    oldestMs: Infinity,
    newestMs: -Infinity,
  };
  for (let from = 0; from < keys.length && now() < deadlineMs && !signal.aborted; from += KEYS_A_FETCH) {
    const text = keys.slice(from, from + KEYS_A_FETCH);
    const asked = { asOfMs, deadlineMs, signal };
    const fetched = await fetchInTime(source, { count: text.length, text }, [...fields, PROBE], asked, now);
    if ('status' in fetched) counts.unread += text.length;
    else for (let row = 0; row < text.length; row++) countRow(counts, fetched, row, options);
  }
  return shown(counts, fields, options);
}

function countRow(counts: Counts, { states, timestampMs }: Columns, row: number, options: RowsOptions): void {
  const probe = states[states.length - 1][row];
  switch (statusOf(probe)) {
    case Status.NOT_FOUND:
      counts.absent++;
      return;
    case Status.TIMEOUT:
      counts.unread++;
      return;
    case Status.ERROR:
      // A row that is there and cannot be used comes from the store; one that could not be read, from nowhere.
      if (sourceOf(probe) === Source.none) counts.unread++;
      else counts.undecodable++;
      return;
    default:
  }
  counts.decoded++;
  for (let field = 0; field < counts.nulls.length; field++) {
    const status = statusOf(states[field][row]);
    if (status === Status.NULL_VALUE) counts.nulls[field]++;
    else if (status === Status.ERROR) counts.wrongTypes[field]++;
  }
  const ms = timestampMs[row];
  if (ms !== ms) {
    counts.untimed++;
    return;
  }
  counts.oldestMs = Math.min(counts.oldestMs, ms);
  counts.newestMs = Math.max(counts.newestMs, ms);
  if (options.maxAgeMs !== undefined && options.asOfMs - ms > options.maxAgeMs) counts.outsideMaxAge++;
}

function shown(counts: Counts, fields: readonly FieldSpec[], { maxAgeMs }: RowsOptions): RowsExamination {
  const { decoded, undecodable, absent, unread, nulls, wrongTypes, untimed, outsideMaxAge, oldestMs, newestMs } =
    counts;
  const share = (of: number): number => (decoded === 0 ? 0 : of / decoded);
  return {
    sampled: decoded + undecodable + absent + unread,
    decoded,
    undecodable,
    absent,
    unread,
    fields: fields.map(({ name, type }, at) => ({
      name,
      type,
      nullShare: share(nulls[at]),
      wrongTypeShare: share(wrongTypes[at]),
    })),
    oldest: moment(oldestMs),
    newest: moment(newestMs),
    untimedShare: share(untimed),
    outsideMaxAgeShare: maxAgeMs === undefined ? null : share(outsideMaxAge),
  };
}

const moment = (ms: number): string | null => (Number.isFinite(ms) ? formatTimestamp(ms) : null);
