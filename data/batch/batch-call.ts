import type { Instances } from '../../orchestrator/predict/call.ts';
import type { Cells, FileColumn } from '../rows.ts';

/** One call of a batch: neighbouring rows with the same request inputs, or one V1 body. */
export interface BatchCall {
  request: Readonly<Record<string, unknown>>;
  instances: Instances;
  rows: number;
  /** The columns that pass through, whole chunks of them; this call's rows begin at `from`. */
  passed: readonly Cells[];
  from: number;
  /** Where each row stands in the file, from 1. */
  place(row: number): number;
}

/** The calls of a file, in its order. */
export interface BatchInput {
  unit: 'line' | 'row';
  totalRows: number | undefined;
  passing: readonly FileColumn[];
  calls(): AsyncIterable<BatchCall>;
  close(): void;
}
