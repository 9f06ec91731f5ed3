import { newBytes } from '../../foundation/slab.ts';
import { Source, stateOf, Status, type Values } from './column.ts';

/** The columns of one request by slot, filled level by level. What was not gathered is absent. */
export interface Frame {
  /** Instances; columns of per-request slots have one row whatever this is. */
  rows: number;
  values: Values[];
  states: Uint8Array[];
  /** When each row was true, epoch ms, NaN where unknown; only where `keepTimestamps` asked for it. */
  timestamps: (Float64Array | undefined)[];
  keepTimestamps: boolean;
  /** What the caller sent in place of what would be gathered, by slot; undefined where it sent nothing of the kind. */
  overrides: (OverrideColumn | undefined)[] | undefined;
}

/**
 * A feature as the caller sent it: a row an instance, or one for the request. Rows that sent none have the state 0,
 * which no sent value has (its source is `request`), and the value null. Rows in
 * which nothing reads the feature, since what it is for was sent, have `STATE_UNNEEDED`: it is not gathered for them.
 */
export interface OverrideColumn {
  values: Values;
  states: Uint8Array;
  /** The caller does without it (`parameters.drop`): what stands here was neither sent nor gathered. */
  isDropped?: boolean;
}

export function newFrame(slotCount: number, rows: number, keepTimestamps: boolean): Frame {
  return {
    rows,
    values: new Array<Values>(slotCount),
    states: new Array<Uint8Array>(slotCount),
    timestamps: [],
    keepTimestamps,
    overrides: undefined,
  };
}

/** The states of a column whose every row shares one. */
export function uniformStates(rows: number, state: number): Uint8Array {
  const states = newBytes(rows);
  return state === 0 ? states : states.fill(state);
}

/** A null of no source: no value that anything reads has this state. */
export const STATE_UNNEEDED = stateOf(Status.NULL_VALUE, Source.none);
export const STATE_REQUEST_PRESENT = stateOf(Status.PRESENT, Source.request);
export const STATE_REQUEST_NULL = stateOf(Status.NULL_VALUE, Source.request);
export const STATE_COMPUTED = stateOf(Status.PRESENT, Source.compute);
export const STATE_COMPUTED_NULL = stateOf(Status.NULL_VALUE, Source.compute);
