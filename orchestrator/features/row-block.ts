import { newValues, Source, stateOf, Status, type Columns } from '../plan/column.ts';
import { newNumbers, newBytes } from '../../foundation/slab.ts';
import type { FieldSpec } from './source.ts';

/**
 * The columns of one fetch while they are filled. All fields share one array of states until a cell departs from its
 * row: most rows are present or absent as a whole, and one array is one allocation.
 */
export class RowBlock {
  readonly columns: Columns;
  private readonly shared: Uint8Array;
  private readonly source: number;

  /** `source` is what the cells say they came from: a store unless told otherwise. */
  constructor(fields: readonly FieldSpec[], rows: number, source: number = Source.store) {
    this.source = source;
    this.shared = newBytes(rows).fill(stateOf(Status.PRESENT, source));
    this.columns = {
      rows,
      values: fields.map(({ type }) => newValues(type, rows)),
      states: fields.map(() => this.shared),
      timestampMs: newNumbers(rows).fill(Number.NaN),
    };
  }

  /** Nothing has been laid down as this row: what had been is of a reply that broke off. */
  afresh(row: number): void {
    this.wholeRow(row, stateOf(Status.PRESENT, this.source));
  }

  /** No row has this key. */
  missing(row: number): void {
    this.wholeRow(row, stateOf(Status.NOT_FOUND, this.source));
  }

  /** There is a row, and nothing of it can be used. */
  undecodable(row: number): void {
    this.wholeRow(row, stateOf(Status.ERROR, this.source));
  }

  /** Whether there is a row was not to be learned: TIMEOUT or ERROR, from nowhere. */
  unknown(row: number, status: number): void {
    this.wholeRow(row, stateOf(status, Source.none));
  }

  nullValue(field: number, row: number): void {
    this.cell(field, row, stateOf(Status.NULL_VALUE, this.source));
  }

  wrongType(field: number, row: number): void {
    this.cell(field, row, stateOf(Status.ERROR, this.source));
  }

  private wholeRow(row: number, state: number): void {
    const { values, states, timestampMs } = this.columns;
    timestampMs[row] = Number.NaN;
    this.shared[row] = state;
    for (let field = 0; field < values.length; field++) {
      const column = values[field];
      if (column instanceof Float64Array) column[row] = Number.NaN;
      else column[row] = null;
      states[field][row] = state;
    }
  }

  private cell(field: number, row: number, state: number): void {
    const { values, states } = this.columns;
    const column = values[field];
    if (column instanceof Float64Array) column[row] = Number.NaN;
    else column[row] = null;
    if (states.length > 1 && states[field] === this.shared) states[field] = this.shared.slice();
    states[field][row] = state;
  }
}
