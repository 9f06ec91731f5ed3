import { Status, statusOf, type Columns } from '../plan/column.ts';
import { byFields } from './by-fields.ts';
import type { FeatureSource, FieldSpec } from './source.ts';

/** What was read for a view since the process began, whichever revision read it: plain numbers, for metrics. */
export class RowCounts {
  found = 0;
  missing = 0;
  /** Rows of which there is no telling: the read failed, or the row could not be decoded. */
  failed = 0;
  /** Of the rows that say when they were true: how many, and the sum of their ages when they were read, ms. */
  timed = 0;
  ageMs = 0;
  /** The latest `_ts` that was read, epoch ms; -Infinity before there was one. */
  newestMs = -Infinity;
  /** Nulls by field. */
  readonly nulls = new Map<string, number>();
  /** Whether it was told that nothing is found. */
  isToldEmpty = false;

  /** Of a view that is gone nobody asks; one of the same name goes on counting. */
  close(): void {}
}

/** So many keys without a row, and none with one: nobody asks for that many unknown things and for no known one. */
const SUSPICIOUS_KEYS = 1000;

export interface WatchOptions {
  counts: RowCounts;
  /** The time of day, `Date.now()`. */
  epochMs: () => number;
  /** Told once, when the first thousand keys of a view had no row. */
  onNothingFound: () => void;
}

/** Counts what a source gives, below any cache: what is true of the rows where they lie, not of how often they are used. */
export function watchRows(source: FeatureSource, { counts, epochMs, onNothingFound }: WatchOptions): FeatureSource {
  const namesOf = byFields((fields: readonly FieldSpec[]) => fields.map(({ name }) => name));
  const watch = (block: Columns, names: readonly string[]): Columns => {
    countRows(block, counts, epochMs());
    countNulls(block, names, counts);
    if (!counts.isToldEmpty && counts.found === 0 && counts.missing >= SUSPICIOUS_KEYS) {
      counts.isToldEmpty = true;
      onNothingFound();
    }
    return block;
  };
  return {
    ...(source.keepsTime === undefined ? {} : { keepsTime: source.keepsTime }),
    fetch(keys, fields, options) {
      const names = namesOf(fields);
      const fetched = source.fetch(keys, fields, options);
      return fetched instanceof Promise ? fetched.then((block) => watch(block, names)) : watch(fetched, names);
    },
  };
}

/** A row is missing or failed in all of its fields alike: the first tells. */
function countRows({ states: [states], timestampMs }: Columns, counts: RowCounts, nowMs: number): void {
  if (states === undefined) return;
  for (let row = 0; row < states.length; row++) {
    const ms = timestampMs[row];
    if (ms === ms) {
      counts.timed++;
      counts.ageMs += Math.max(0, nowMs - ms);
      if (ms > counts.newestMs) counts.newestMs = ms;
    }
    const status = statusOf(states[row]);
    if (status === Status.NOT_FOUND) counts.missing++;
    else if (status >= Status.TIMEOUT && ms !== ms) counts.failed++;
    else counts.found++;
  }
}

function countNulls({ states }: Columns, names: readonly string[], counts: RowCounts): void {
  let nulls = 0;
  for (let field = 0; field < names.length; field++) {
    // Fields whose cells all are as their rows share one array, which is gone through once.
    if (field === 0 || states[field] !== states[field - 1]) nulls = nullsOf(states[field]);
    if (nulls > 0) counts.nulls.set(names[field], (counts.nulls.get(names[field]) ?? 0) + nulls);
  }
}

function nullsOf(states: Uint8Array): number {
  let nulls = 0;
  for (let row = 0; row < states.length; row++) if (statusOf(states[row]) === Status.NULL_VALUE) nulls++;
  return nulls;
}
