import { AppError } from '../../foundation/errors.ts';
import { nullValues, Source, stateOf, Status, STATUSES, type Columns, type StatusName } from '../plan/column.ts';
import { newNumbers, newBytes } from '../../foundation/slab.ts';
import type { FetchStep, FieldPlan } from '../plan/plan.ts';
import { fetchInTime, type FailedFetch } from './fetch-in-time.ts';
import { STATE_UNNEEDED, uniformStates, type Frame } from '../plan/frame.ts';
import { eachRow, layOver, overriddenCells, spreadOver, withoutWholeRows } from './overridden-cells.ts';
import type { OverriddenCells } from './overridden-cells.ts';
import { scatter } from './scatter.ts';
import type { FeatureSource, FieldSpec, FetchOptions } from './source.ts';
import { compileKeys, type RowKeys } from './view-keys.ts';
import {
  applyPolicies,
  applyRowTimes,
  isAllFresh,
  isTold,
  isWorse,
  missingValue,
  type RowTimes,
} from './view-policies.ts';

/** What is to be told of a view, or of a feature whose function failed, after a request: the worst state of each row, 0 where its values are fresh. */
export interface ViewReport {
  view: string;
  worst: Uint8Array;
}

/** What gathering adds to the columns: what is to be told, and the instances that a `fail` policy failed. */
export interface GatherReport {
  views: ViewReport[];
  failures: (AppError | undefined)[] | undefined;
}

export interface GatherOptions extends FetchOptions {
  times: RowTimes;
}

/** Gathers one view into the frame: keys, fetch, policies, scatter. Sync where the source is. */
export interface ViewGatherer {
  view: string;
  gather(frame: Frame, options: GatherOptions, report: GatherReport): void | Promise<void>;
  /** Values used so far by state byte: what `tandem_view_values_total` shows. */
  counts: Float64Array;
}

export interface Surroundings {
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  /** Told of each fetch of which nothing could be used, for the log; the request goes on by the view's policy. */
  onFailure: (view: string, status: StatusName, cause: unknown) => void;
}

export function openViewGatherer(step: FetchStep, source: FeatureSource, surroundings: Surroundings): ViewGatherer {
  const { view, fields } = step;
  const { now, onFailure } = surroundings;
  const readKeys = compileKeys(view);
  const specs: FieldSpec[] = fields.map(({ field, type }) => ({ name: field, type }));
  const nullKey = fields.map((field) =>
    missingValue(field, Status.NOT_FOUND, view.onMissing, stateOf(Status.NOT_FOUND, Source.none)),
  );
  const nullState = nullKey.reduce((worst, { state }) => (isTold(state) && isWorse(state, worst) ? state : worst), 0);
  const counts = new Float64Array(64);

  const finish = (
    frame: Frame,
    keys: RowKeys,
    block: Columns,
    cells: OverriddenCells | undefined,
    options: GatherOptions,
    report: GatherReport,
  ): void => {
    applyRowTimes(view, block, options.times);
    if (cells) return finishOverridden(frame, keys, block, cells, report);
    if (keys.nullKeys === 0 && isAllFresh(block)) {
      scatter(frame, fields, block, keys, nullKey);
      count(frame);
      return;
    }
    const departures = applyPolicies(view, fields, block);
    scatter(frame, fields, block, keys, nullKey);
    count(frame);
    tell(frame, keys, departures.worst, report);
    if (departures.failed || (keys.nullKeys > 0 && view.onMissing === 'fail')) {
      failRows(frame, keys, departures.failed, report);
    }
  };

  /** Each row by itself, since of two rows with one key one may have its value from the caller. */
  const finishOverridden = (
    frame: Frame,
    keys: RowKeys,
    block: Columns,
    cells: OverriddenCells,
    report: GatherReport,
  ): void => {
    const rows = spreadOver(block, keys, cells);
    const { worst, failed } = applyPolicies(view, fields, rows);
    const rowKeys = eachRow(rows.rows);
    scatter(frame, fields, rows, rowKeys, nullKey);
    layOver(cells, fields, frame);
    count(frame, cells);
    counts[STATE_UNNEEDED] = 0;
    tell(frame, rowKeys, worst, report);
    if (failed) failRows(frame, rowKeys, failed, report);
  };

  /** What a caller does without was never looked for, and is nothing that the view lacks. */
  const count = (frame: Frame, cells?: OverriddenCells): void => {
    for (let at = 0; at < fields.length; at++) {
      if (cells?.columns[at]?.isDropped) continue;
      const states = frame.states[fields[at].slot];
      let sharing = 1; // neighbours mostly share their states, which are then counted once for all of them
      if (cells === undefined) {
        for (; at + 1 < fields.length && frame.states[fields[at + 1].slot] === states; at++) sharing++;
      }
      for (let row = 0; row < states.length; row++) counts[states[row]] += sharing;
    }
  };

  /** Every instance is told of, also by a view that is read once for all of them. */
  const tell = (frame: Frame, keys: RowKeys, worst: Uint8Array, report: GatherReport): void => {
    const told = newBytes(frame.rows);
    let any = 0;
    for (let row = 0; row < frame.rows; row++) {
      const key = keyOf(keys, view.perInstance ? row : 0);
      any |= told[row] = key < 0 ? nullState : worst[key];
    }
    if (any !== 0) report.views.push({ view: view.name, worst: told });
  };

  const failRows = (frame: Frame, keys: RowKeys, failed: Uint8Array | undefined, report: GatherReport): void => {
    const rows = view.perInstance ? frame.rows : 1;
    for (let row = 0; row < rows; row++) {
      const key = keyOf(keys, row);
      const status = key < 0 ? (view.onMissing === 'fail' ? Status.NOT_FOUND + 1 : 0) : (failed?.[key] ?? 0);
      if (status === 0) continue;
      const error = unavailable(view.name, STATUSES[status - 1], view.perInstance ? row : undefined);
      if (!view.perInstance) throw error;
      report.failures ??= Array.from<AppError | undefined>({ length: frame.rows });
      report.failures[row] ??= error;
    }
  };

  const standIn = (failure: FailedFetch, rows: number, { signal }: GatherOptions): Columns => {
    // A caller that has gone is no failure of the view.
    if (!signal.aborted) onFailure(view.name, STATUSES[failure.status], failure.cause);
    return failedBlock(fields, rows, failure.status);
  };

  return {
    view: view.name,
    counts,
    gather(frame, options, report) {
      const cells = frame.overrides && overriddenCells(view, fields, frame);
      const allKeys = readKeys(frame);
      const keys = cells ? withoutWholeRows(allKeys, cells) : allKeys;
      if (keys.count === 0)
        return finish(frame, keys, failedBlock(fields, 0, Status.NOT_FOUND), cells, options, report);
      const fetched = fetchInTime(source, keys, specs, options, now);
      const use = (arrived: Columns | FailedFetch): void =>
        finish(
          frame,
          keys,
          'rows' in arrived ? arrived : standIn(arrived, keys.count, options),
          cells,
          options,
          report,
        );
      return fetched instanceof Promise ? fetched.then(use) : use(fetched);
    },
  };
}

const keyOf = (keys: RowKeys, row: number): number => (keys.index === undefined ? row : keys.index[row]);

function unavailable(view: string, status: string, instance: number | undefined): AppError {
  const problem = `its value is ${status} and the view says to fail`;
  return new AppError('FEATURE_UNAVAILABLE', `The features of view "${view}" are not available (${status}).`, {
    details: [{ ...(instance === undefined ? {} : { instance }), field: view, problem }],
  });
}

/** A block that stands for a fetch of which nothing can be used. */
function failedBlock(fields: readonly FieldPlan[], rows: number, status: number): Columns {
  const states = uniformStates(rows, stateOf(status, Source.none));
  return {
    rows,
    values: fields.map(({ type }) => nullValues(type, rows)),
    states: fields.map(() => states),
    timestampMs: newNumbers(rows).fill(Number.NaN),
  };
}
