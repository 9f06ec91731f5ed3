import { AppError, callerGone } from '../../../foundation/errors.ts';
import { newNumbers } from '../../../foundation/slab.ts';
import { Source, Status, type Columns } from '../../plan/column.ts';
import { RowBlock } from '../row-block.ts';
import type { FieldSpec } from '../source.ts';
import { OUTCOMES, type Answer } from './outcome.ts';

/** The rows of one fetch while its calls come back, each with some of them. */
export class ServiceRows {
  readonly block: RowBlock;
  readonly #rows: number;
  #failedRows = 0;
  /** The worst of the failures: an ERROR before a TIMEOUT. */
  #failure: Answer | undefined;

  constructor(fields: readonly FieldSpec[], rows: number) {
    this.#rows = rows;
    this.block = new RowBlock(fields, rows, Source.service);
  }

  /** The call that asked for this row came to nothing. */
  fail(row: number, answer: Answer): void {
    this.#failedRows++;
    const status = OUTCOMES[answer.outcome].status ?? Status.ERROR;
    this.block.unknown(row, status);
    const worst = this.#failure && (OUTCOMES[this.#failure.outcome].status ?? Status.ERROR);
    if (worst === undefined || status > worst) this.#failure = answer;
  }

  /** For how long the row is fresh by its service's word. */
  keepFresh(row: number, freshMs: number): void {
    if (Number.isNaN(freshMs)) return;
    const { columns } = this.block;
    columns.freshMs ??= newNumbers(this.#rows).fill(Number.NaN);
    columns.freshMs[row] = freshMs;
  }

  /** The columns. Throws AppError where all rows failed: DEADLINE_EXCEEDED if none was worse than late. */
  finish(service: string): Columns {
    if (this.#failure === undefined || this.#failedRows < this.#rows) return this.block.columns;
    const { outcome, reason } = this.#failure;
    if (outcome === 'cancelled') throw callerGone();
    const isLate = OUTCOMES[outcome].status === Status.TIMEOUT;
    throw new AppError(
      isLate ? 'DEADLINE_EXCEEDED' : 'FEATURE_UNAVAILABLE',
      isLate ? `The service "${service}" did not answer in time.` : `The service "${service}" gave no usable answer.`,
      { cause: new Error(reason === undefined ? outcome : `${outcome}: ${reason}`) },
    );
  }
}
