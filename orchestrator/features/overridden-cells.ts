import { newBytes, newNumbers } from '../../foundation/slab.ts';
import { Source, stateOf, Status, type Columns } from '../plan/column.ts';
import { STATE_REQUEST_PRESENT, type Frame, type OverrideColumn } from '../plan/frame.ts';
import type { FieldPlan, ViewPlan } from '../plan/plan.ts';
import { spreadStates, spreadTimestamps, spreadValues } from './scatter.ts';
import type { RowKeys } from './view-keys.ts';

/** What need not be gathered of one view's fields, since it was sent or nothing reads it: a column a field. */
export interface OverriddenCells {
  rows: number;
  columns: readonly (OverrideColumn | undefined)[];
  /** 1 for each row that lacks none of the fields: it needs no fetch. */
  whole: Uint8Array;
}

/** What this call need not gather of a view's fields; undefined where it needs them all. */
export function overriddenCells(
  view: ViewPlan,
  fields: readonly FieldPlan[],
  frame: Frame,
): OverriddenCells | undefined {
  const columns = fields.map(({ slot }) => frame.overrides?.[slot]);
  if (columns.every((column) => column === undefined)) return undefined;
  const rows = view.perInstance ? frame.rows : 1;
  const whole = newBytes(rows).fill(1);
  for (const column of columns) {
    for (let row = 0; row < rows; row++) if (column === undefined || column.states[row] === 0) whole[row] = 0;
  }
  return { rows, columns, whole };
}

/** The keys without those that only whole rows have; whole rows have none. */
export function withoutWholeRows(keys: RowKeys, { rows, whole }: OverriddenCells): RowKeys {
  if (!whole.includes(1)) return keys;
  const index = new Int32Array(rows).fill(-1);
  const moved = new Map<number, number>();
  const text: string[] = [];
  for (let row = 0; row < rows; row++) {
    const key = keys.index === undefined ? row : keys.index[row];
    if (key < 0 || whole[row] !== 0) continue;
    let to = moved.get(key);
    if (to === undefined) {
      to = text.length;
      moved.set(key, to);
      text.push(keys.text[key]);
    }
    index[row] = to;
  }
  return { count: text.length, text, index, nullKeys: 0 };
}

/** The keys of a block that has a row of its own for each row of the frame. */
export const eachRow = (rows: number): RowKeys => ({ count: rows, text: [], index: undefined, nullKeys: 0 });

/**
 * A block with a row for each row of the frame, in which sent cells are PRESENT: the view's policies pass them over,
 * and nothing is told of them. A row without a key is NOT_FOUND in its other cells.
 */
export function spreadOver(block: Columns, keys: RowKeys, { rows, columns }: OverriddenCells): Columns {
  const index = keys.index ?? Int32Array.from({ length: rows }, (_, row) => row);
  const missing = stateOf(Status.NOT_FOUND, Source.none);
  return {
    rows,
    values: block.values.map((values) =>
      spreadValues(values, index, values instanceof Float64Array ? Number.NaN : null),
    ),
    states: columns.map((column, at) => markSent(spreadStates(block.states[at], index, missing), column)),
    timestampMs: spreadTimestamps(block.timestampMs, index),
  };
}

function markSent(states: Uint8Array, column: OverrideColumn | undefined): Uint8Array {
  if (column === undefined) return states;
  for (let row = 0; row < states.length; row++) if (column.states[row] !== 0) states[row] = STATE_REQUEST_PRESENT;
  return states;
}

/** Puts what was sent into the frame, after the policies: a null that was sent stays null. */
export function layOver({ rows, columns }: OverriddenCells, fields: readonly FieldPlan[], frame: Frame): void {
  for (const [at, column] of columns.entries()) {
    if (column === undefined) continue;
    const { slot } = fields[at];
    overlay(column, slot, rows, frame);
    const timestamps = frame.timestamps[slot];
    if (timestamps) frame.timestamps[slot] = withoutSent(timestamps, column);
  }
}

/** Puts a column's sent rows over what the frame has there. */
export function overlay(column: OverrideColumn, slot: number, rows: number, frame: Frame): void {
  const values = frame.values[slot];
  const states = frame.states[slot];
  for (let row = 0; row < rows; row++) {
    if (column.states[row] === 0) continue;
    values[row] = column.values[row]!;
    states[row] = column.states[row];
  }
}

/** The times of what was read; undefined where every row was sent. */
function withoutSent(timestamps: Float64Array, { states }: OverrideColumn): Float64Array | undefined {
  if (!states.includes(0)) return undefined;
  const own = newNumbers(timestamps.length);
  for (let row = 0; row < own.length; row++) own[row] = states[row] === 0 ? timestamps[row] : Number.NaN;
  return own;
}
