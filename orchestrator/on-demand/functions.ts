import type { CancelSignal } from '../../foundation/cancel-signal.ts';
import type { Tensor } from '../plan/tensor.ts';

/** One call of all functions whose columns it has. */
export interface FunctionCall {
  /** The length of every column. */
  rows: number;
  /** Monotonic moment (`performance.now()` scale) after which nobody waits for the answer. */
  deadlineMs: number;
  signal: CancelSignal;
  /** The caller's `traceparent`. */
  trace?: string;
}

/** What one function gave: numbers, or texts as `text-cells.ts` has them. */
export interface FunctionResult {
  name: string;
  data: Float64Array | (string | null)[];
}

/**
 * Functions of a process beside: columns in, named `FEATURE.ARGUMENT`, and a column of each feature out. A function that
 * failed is not among the results. Rejects with AppError where none could be called (DEADLINE_EXCEEDED for being late).
 */
export interface Functions {
  call(columns: readonly Tensor[], call: FunctionCall): Promise<readonly FunctionResult[]>;
}
