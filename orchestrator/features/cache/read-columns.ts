import { newBytes, newNumbers } from '../../../foundation/slab.ts';
import { newTexts, stateOf, Status, type Values } from '../../plan/column.ts';

/** The values of `slots`, row by row; -1 is left as it is. */
export function readValues(from: Values, slots: Int32Array, rows: number): Values {
  if (from instanceof Float64Array) {
    const values = newNumbers(rows);
    for (let row = 0; row < rows; row++) if (slots[row] >= 0) values[row] = from[slots[row]];
    return values;
  }
  const values = newTexts(rows);
  for (let row = 0; row < rows; row++) values[row] = slots[row] < 0 ? null : from[slots[row]];
  return values;
}

/** The states of `slots`, of statuses kept and each row's source. */
export function readStates(statuses: Uint8Array, slots: Int32Array, sources: Uint8Array, rows: number): Uint8Array {
  const states = newBytes(rows);
  for (let row = 0; row < rows; row++) {
    if (slots[row] >= 0) states[row] = stateOf(statuses[slots[row]], sources[row]);
  }
  return states;
}

/** The states of rows all of whose cells are PRESENT. */
export function presentStates(sources: Uint8Array, rows: number): Uint8Array {
  const states = newBytes(rows);
  for (let row = 0; row < rows; row++) states[row] = stateOf(Status.PRESENT, sources[row]);
  return states;
}

export function grownNumbers(from: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(length);
  to.set(from);
  return to;
}

export function grownBytes(from: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(length);
  to.set(from);
  return to;
}
