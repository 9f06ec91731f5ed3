import { Source, sourceOf, stateOf, Status, statusOf, type Columns } from '../plan/column.ts';
import { newBytes } from '../../foundation/slab.ts';
import type { FieldPlan, Policy, ViewPlan } from '../plan/plan.ts';

/** What the clock says of rows: how old they are against the moment the request is about. */
export interface RowTimes {
  asOfMs: number;
  /** Past instances (`tandem batch`): a row later than asOf did not exist then. Live, such a row has age 0. */
  past: PastRows | undefined;
}

/** How rows met past instances, counted over a batch. */
export interface PastRows {
  allowFuture: boolean;
  futureRows: number;
  untimedRows: number;
}

/** Values that no longer are what the source gave: the worst state a key, and which keys fail by policy. */
export interface Departures {
  /** The state to tell of each key, the worst over its fields; 0 where there is nothing to tell. */
  worst: Uint8Array;
  /** Keys whose value is missing under `fail`: the status that made it so, plus one. Undefined when none fails. */
  failed: Uint8Array | undefined;
}

/**
 * Marks rows by their time: too old for maxAge, or from the future of a past instance. Copies states it changes. Keys
 * without a row keep their status; a cached row that stands in for a failed fetch, if it is too old, gives way to the
 * failure.
 */
export function applyRowTimes(view: ViewPlan, block: Columns, times: RowTimes): void {
  const { maxAgeMs } = view;
  const { past } = times;
  if (maxAgeMs === undefined && past === undefined) return;
  for (let key = 0; key < block.rows; key++) {
    if (block.states.every((states) => hasNoRow(states[key]))) continue;
    const timestampMs = block.timestampMs[key];
    if (past && timestampMs > times.asOfMs) {
      past.futureRows++;
      if (!past.allowFuture) setRowState(block, key, Status.NOT_FOUND);
    } else if (past && timestampMs !== timestampMs) past.untimedRows++;
    if (maxAgeMs !== undefined && !(times.asOfMs - timestampMs <= maxAgeMs)) {
      setRowState(block, key, Status.OUTSIDE_MAX_AGE);
    }
  }
}

function setRowState(block: Columns, key: number, status: number): void {
  const done = new Map<Uint8Array, Uint8Array>();
  block.states = block.states.map((states) => {
    const copy = done.get(states) ?? states.slice();
    done.set(states, copy);
    copy[key] = stateOf(isStandIn(states[key]) ? statusOf(states[key]) : status, Source.none);
    return copy;
  });
}

const hasNoRow = (state: number): boolean =>
  statusOf(state) === Status.NOT_FOUND || (statusOf(state) >= Status.TIMEOUT && sourceOf(state) !== Source.stale);

/** A value of a cached row that is used in place of a fetch that failed: its status is why. */
const isStandIn = (state: number): boolean => statusOf(state) >= Status.TIMEOUT && sourceOf(state) === Source.stale;

/** True when every value of the block is there and none is stale, which spares all that follows. */
export function isAllFresh(block: Columns): boolean {
  let checked: Uint8Array | undefined;
  for (const states of block.states) {
    if (states === checked) continue;
    checked = states;
    for (let key = 0; key < states.length; key++) {
      if ((states[key] & 7) !== Status.PRESENT || states[key] === STATE_STALE_PRESENT) return false;
    }
  }
  return true;
}

/** What the cached row itself says: its state tells of the fetch. */
const statusInRow = (value: number | string | null): number =>
  value === null || value !== value ? Status.NULL_VALUE : Status.PRESENT;

const STATE_STALE_PRESENT = stateOf(Status.PRESENT, Source.stale);

/**
 * Puts defaults and nulls where values are not there, by the view's policies, and notes what is to be told. What a
 * cached row holds is a value, whatever the status says of the fetch that it stands in for.
 */
export function applyPolicies(view: ViewPlan, fields: readonly FieldPlan[], block: Columns): Departures {
  const worst = newBytes(block.rows);
  let failed: Uint8Array | undefined;
  for (const [at, field] of fields.entries()) {
    const before = block.states[at];
    let states = before;
    for (let key = 0; key < block.rows; key++) {
      const state = before[key];
      const status = isStandIn(state) ? statusInRow(block.values[at][key]) : statusOf(state);
      if (status === Status.PRESENT) {
        if (sourceOf(state) === Source.stale && isWorse(state, worst[key])) worst[key] = state;
        continue;
      }
      const policy = policyFor(view, status);
      if (policy === 'fail') {
        failed ??= new Uint8Array(block.rows);
        failed[key] = Math.max(failed[key], status + 1);
      }
      const resolved = missingValue(field, statusOf(state), policy, state);
      if (states === before) states = before.slice();
      states[key] = resolved.state;
      block.values[at][key] = resolved.value;
      if (isTold(resolved.state) && isWorse(resolved.state, worst[key])) worst[key] = resolved.state;
    }
    block.states[at] = states;
  }
  return { worst, failed };
}

/** What stands in for a value that is not there: the default where the policy asks for it and one is declared. */
export function missingValue(
  field: FieldPlan,
  status: number,
  policy: Policy | 'keep',
  state: number,
): { value: number | string | null; state: number } {
  if (policy === 'default' && field.hasDefault) return { value: field.default, state: stateOf(status, Source.default) };
  const value = field.type === 'string' ? null : Number.NaN;
  const isNullOfRow = status === Status.NULL_VALUE || sourceOf(state) === Source.stale;
  return { value, state: isNullOfRow ? state : stateOf(status, Source.none) };
}

function policyFor(view: ViewPlan, status: number): Policy | 'keep' {
  if (status === Status.NULL_VALUE) return view.nulls;
  return status === Status.TIMEOUT || status === Status.ERROR ? view.onError : view.onMissing;
}

/** A kept null is what the source said; all else that is not a fresh value is told to the caller. */
export function isTold(state: number): boolean {
  const source = sourceOf(state);
  return source === Source.stale || source === Source.default || statusOf(state) >= Status.NOT_FOUND;
}

/**
 * What is an incident is worse than a declared default; then the order of Status is the order of how bad it is to lack
 * a value for that reason; of two fields alike in that, the one that stayed null is worse than the one that has a
 * default, and that worse than a stale value. `than` 0 is nothing told yet.
 */
export function isWorse(state: number, than: number): boolean {
  if (than === 0 || isIncident(state) !== isIncident(than)) return than === 0 || isIncident(state);
  if (statusOf(state) !== statusOf(than)) return statusOf(state) > statusOf(than);
  return lossOf(state) > lossOf(than);
}

function lossOf(state: number): number {
  const source = sourceOf(state);
  return source === Source.none ? 2 : source === Source.default ? 1 : 0;
}

const isIncident = (state: number): boolean => sourceOf(state) === Source.stale || statusOf(state) >= Status.TIMEOUT;
