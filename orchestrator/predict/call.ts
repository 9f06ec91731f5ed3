import type { CancelSignal } from '../../foundation/cancel-signal.ts';
import type { AppError, ErrorCode } from '../../foundation/errors.ts';
import type { InstanceId } from './ids.ts';
import type { Column, SourceName, StatusName } from '../plan/column.ts';

/** The objects to score: rows as V1 sends them, or one array an input (`rows` values each). */
export type Instances = { objects: readonly unknown[] } | { rows: number; columns: Readonly<Record<string, unknown>> };

/** Parameters of a call that Tandem itself reads; the predictor sees them all. */
export interface Parameters {
  timing?: boolean;
  degraded?: 'full';
  topK?: number;
  /** Names of features to do without: fields of views, `view.*`, on-demand features. */
  drop?: readonly string[];
  [name: string]: unknown;
}

/** One prediction to make: free of transport. Times of day are epoch ms, moments `performance.now()` ms. */
export interface Call {
  id: string;
  model: string;
  version?: string;
  /** What to answer: the model's outputs, the features (the model is not asked), or both. */
  want: 'outputs' | 'features' | 'both';
  /** Which features to answer where they are wanted; default all of the model's. */
  features?: readonly string[];
  request: Readonly<Record<string, unknown>>;
  instances: Instances;
  parameters: Parameters;
  /** When the call arrived: asOf where the request names none, and the start of the deadline. */
  arrivedAt: { epochMs: number; monotonicMs: number };
  /** The caller's own limit in ms; it can only shorten the model's deadline. */
  deadlineMs?: number;
  signal: CancelSignal;
  priority?: string;
  identity?: string;
  trace?: string;
}

/** One output of the model over all instances; null where an instance failed. */
export interface Output {
  name: string;
  values: Float64Array | (string | null)[] | (readonly number[] | null)[];
}

/** A view whose values were not all fresh: `count` instances under its worst status and source. */
export interface Degraded {
  view: string;
  status: StatusName;
  source: SourceName;
  count: number;
  /** With `parameters.degraded: "full"`: which instances, at most 100 a view. */
  rows?: number[];
}

export interface InstanceError {
  instance: number;
  error: AppError;
}

/** Where a call's time went, in ms. */
export interface Timing {
  decode: number;
  features: number;
  matrix: number;
  model: number;
  total: number;
}

export interface Answer {
  rows: number;
  outputs: Output[];
  /** The columns that were asked for, as the matrix has them; none with `want: 'outputs'`. */
  gathered: Column[];
  ids: InstanceId[] | undefined;
  ranking: number[] | undefined;
  degraded: Degraded[];
  errors: InstanceError[];
  fallback: ErrorCode | undefined;
  revision: string;
  modelVersion: string;
  /** The moment the call was about, epoch ms. */
  asOfMs: number;
  timing: Timing;
  /** Unpins the revision that the answer was made with; call once, when the reply is written. */
  release: () => void;
}

/** Makes predictions. Rejects with AppError where the whole call fails. */
export type Predict = (call: Call) => Promise<Answer>;
