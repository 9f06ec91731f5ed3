/** What a predictor is asked: `rows` feature vectors, row-major in `matrix`. */
export interface PredictRequest {
  /** Number of rows N. */
  readonly rows: number;
  /** Names of all features F, in the order of the matrix's columns (the YAML's `features`). */
  readonly features: readonly string[];
  /** N × F values, row-major; NaN is null. Float32Array where the YAML says `dtype: float32`. Empty with `tensors: columns`. */
  readonly matrix: Float64Array | Float32Array;
  /** One feature over all rows; a copy when the matrix is the layout. Throws on an unknown name. */
  column(name: string): Float64Array | Float32Array | BigInt64Array | string[];
  /** The request's `parameters`, as the caller sent them. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Aborted when the caller has gone or its deadline has passed. */
  readonly signal: AbortSignal;
}

/** One output: a number or string a row, or a row-major block of `shape[1]` numbers a row. */
export type PredictOutput =
  | Float64Array
  | Float32Array
  | readonly number[]
  | readonly string[]
  | { shape: readonly number[]; data: Float64Array | Float32Array | readonly number[] };

/**
 * What a researcher writes. `load` runs once, before the first call, with the folder of `modelUri`;
 * `predict` answers one value a row, or several outputs by name.
 */
export interface Predictor {
  /** True where the rows of one call belong together, as in a ranking: a large call is never split. Default false. */
  readonly atomic?: boolean;
  load?(modelDir: string): void | Promise<void>;
  predict(request: PredictRequest): PredictAnswer | Promise<PredictAnswer>;
}

export type PredictAnswer = PredictOutput | Readonly<Record<string, PredictOutput>>;
