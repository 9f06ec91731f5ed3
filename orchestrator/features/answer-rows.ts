import { newBytes, newNumbers } from '../../foundation/slab.ts';
import { newValues, Source, stateOf, Status, statusOf, type Columns } from '../plan/column.ts';
import type { FieldSpec } from './source.ts';

/** The column of each asked field in the rows that an answer is copied from. */
export type Picks = readonly number[];

/** The columns of one answer while its rows come from several places, each at its own time. */
export function newAnswer(fields: readonly FieldSpec[], rows: number): Columns {
  return {
    rows,
    values: fields.map(({ type }) => newValues(type, rows)),
    states: fields.map(() => newBytes(rows)),
    timestampMs: newNumbers(rows),
  };
}

/** Copies row `at` of `from`, values, states and times, to row `row` of an answer. */
export function copyRow(answer: Columns, row: number, from: Columns, at: number, picks: Picks): void {
  for (let field = 0; field < picks.length; field++) {
    const column = picks[field];
    answer.values[field][row] = from.values[column][at]!;
    answer.states[field][row] = from.states[column][at];
  }
  answer.timestampMs[row] = from.timestampMs[at];
  if (from.freshMs) (answer.freshMs ??= newNumbers(answer.rows).fill(Number.NaN))[row] = from.freshMs[at];
}

/** Row `row` of an answer has no value: why. */
export function failRow(answer: Columns, row: number, status: number): void {
  for (const values of answer.values) {
    if (values instanceof Float64Array) values[row] = Number.NaN;
    else values[row] = null;
  }
  for (const states of answer.states) states[row] = stateOf(status, Source.none);
  answer.timestampMs[row] = Number.NaN;
}

/** What went wrong with a row: the worst failure among its cells, TIMEOUT or ERROR; 0 where every cell is sound. */
export function flawOf({ states }: Columns, row: number): number {
  let worst = 0;
  for (let field = 0; field < states.length; field++) worst = Math.max(worst, statusOf(states[field][row]));
  return worst >= Status.TIMEOUT ? worst : 0;
}

/** True where no cell of a row can be used. */
export function isRowFailed({ states }: Columns, row: number): boolean {
  for (let field = 0; field < states.length; field++) if (statusOf(states[field][row]) < Status.TIMEOUT) return false;
  return states.length > 0;
}
