import { AppError } from '../foundation/errors.ts';
import { newNumbers, newSingles } from '../foundation/slab.ts';
import type { PredictRequest } from './predictor.ts';

/** What `column` may answer. */
export type ColumnData = ReturnType<PredictRequest['column']>;

/** The values of one request: a matrix, or a column a feature in the features' order. */
export interface RequestInputs {
  matrix: Float64Array | Float32Array | undefined;
  columns: readonly ColumnData[];
}

const NO_MATRIX = new Float64Array(0);

/**
 * One call as the predictor sees it. Parameters are parsed, and the signal is made, only for a predictor that looks at
 * them: together they would cost more than a small model.
 */
export class LiveRequest implements PredictRequest {
  readonly rows: number;
  readonly features: readonly string[];
  readonly matrix: Float64Array | Float32Array;
  /** What it was made of, and the JSON text of its parameters, for those that are joined with others. */
  readonly inputs: RequestInputs;
  readonly parametersText: string | undefined;
  #parameters: Readonly<Record<string, unknown>> | undefined;
  #controller: AbortController | undefined;
  #gone: AppError | undefined;

  /** `parameters` is JSON text, absent where the caller sent none. */
  constructor(features: readonly string[], rows: number, inputs: RequestInputs, parameters: string | undefined) {
    this.features = features;
    this.rows = rows;
    this.matrix = inputs.matrix ?? NO_MATRIX;
    this.inputs = inputs;
    this.parametersText = parameters;
  }

  column(name: string): ColumnData {
    const index = this.features.indexOf(name);
    if (index === -1) throw new Error(`There is no feature "${name}"; there are ${this.features.join(', ')}`);
    const { columns } = this.inputs;
    if (columns.length > 0) return columns[index];
    const width = this.features.length;
    const values = this.matrix instanceof Float32Array ? newSingles(this.rows) : newNumbers(this.rows);
    for (let row = 0; row < this.rows; row += 1) values[row] = this.matrix[row * width + index];
    return values;
  }

  get parameters(): Readonly<Record<string, unknown>> {
    this.#parameters ??= parseParameters(this.parametersText);
    return this.#parameters;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#gone) this.#controller.abort(this.#gone);
    }
    return this.#controller.signal;
  }

  /** Whether the predictor looks at the signal, and so wants to be told of the deadline too. */
  get isWatched(): boolean {
    return this.#controller !== undefined;
  }

  /** Why nobody waits for the answer any more. */
  get gone(): AppError | undefined {
    return this.#gone;
  }

  /** Tells the predictor that nobody waits for the answer any more. */
  abort(reason: AppError): void {
    this.#gone ??= reason;
    this.#controller?.abort(this.#gone);
  }
}

function parseParameters(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The parameters of the request are not JSON.', { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new AppError('INVALID_INPUT', 'The parameters of the request are not a JSON object.');
  }
  return parsed as Record<string, unknown>;
}
