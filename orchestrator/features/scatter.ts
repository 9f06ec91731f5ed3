import { newBytes, newNumbers } from '../../foundation/slab.ts';
import { newTexts, type Columns, type Values } from '../plan/column.ts';
import type { Frame } from '../plan/frame.ts';
import type { FieldPlan } from '../plan/plan.ts';
import type { RowKeys } from './view-keys.ts';

/** Lays a block's rows out over the instances; where row i has key i the block's arrays are used as they are. */
export function scatter(
  frame: Frame,
  fields: readonly FieldPlan[],
  block: Columns,
  keys: RowKeys,
  nullKey: readonly { value: number | string | null; state: number }[],
): void {
  const { index } = keys;
  let fromStates: Uint8Array | undefined;
  let toStates: Uint8Array | undefined;
  const timestamps = frame.keepTimestamps ? spreadTimestamps(block.timestampMs, index) : undefined;
  for (let at = 0; at < fields.length; at++) {
    const { slot } = fields[at];
    const from = block.states[at];
    frame.values[slot] =
      index === undefined ? block.values[at] : spreadValues(block.values[at], index, nullKey[at].value);
    if (fromStates !== from || keys.nullKeys > 0) {
      fromStates = from;
      toStates = index === undefined ? from : spreadStates(from, index, nullKey[at].state);
    }
    frame.states[slot] = toStates!;
    if (timestamps) frame.timestamps[slot] = timestamps;
  }
}

export function spreadTimestamps(from: Float64Array, index: Int32Array | undefined): Float64Array {
  return index === undefined ? from : spread(from, index, Number.NaN);
}

export function spreadValues(from: Values, index: Int32Array, missing: number | string | null): Values {
  if (from instanceof Float64Array) return spread(from, index, missing as number);
  const to = newTexts(index.length);
  for (let row = 0; row < index.length; row++)
    to[row] = index[row] < 0 ? (missing as string | null) : from[index[row]]!;
  return to;
}

function spread(from: Float64Array, index: Int32Array, missing: number): Float64Array {
  const to = newNumbers(index.length);
  for (let row = 0; row < index.length; row++) to[row] = index[row] < 0 ? missing : from[index[row]];
  return to;
}

export function spreadStates(from: Uint8Array, index: Int32Array, missing: number): Uint8Array {
  const to = newBytes(index.length);
  for (let row = 0; row < index.length; row++) to[row] = index[row] < 0 ? missing : from[index[row]];
  return to;
}
