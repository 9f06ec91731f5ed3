import type { CancelSignal } from '../../foundation/cancel-signal.ts';
import type { Tensor } from '../plan/tensor.ts';
export type { Tensor } from '../plan/tensor.ts';

/** What a model is asked. `rows` is the first dimension of every tensor; `remainingMs` is what is left of the deadline. */
export interface InferCall {
  rows: number;
  /** Monotonic moment (`performance.now()` scale) at which the caller gets DEADLINE_EXCEEDED whatever happens. */
  deadlineMs: number;
  signal?: CancelSignal;
  /** `parameters` of the request as JSON text, for the predictor; absent when empty. */
  parameters?: string;
  /** W3C traceparent. */
  trace?: string;
}

/** One output of a model: numbers or strings, `shape[0]` rows. */
export interface OutputTensor {
  name: string;
  shape: readonly number[];
  data: Float64Array | (string | null)[];
}

export interface InferResult {
  outputs: OutputTensor[];
  modelVersion: string;
}

/** The tensors a loaded model takes and gives, as its ModelMetadata tells; -1 is a free dimension. */
export interface ModelSignature {
  inputs: { name: string; datatype: string; shape: readonly number[] }[];
  outputs: { name: string; datatype: string; shape: readonly number[] }[];
  /** The rows of one call belong together; false: a large call may be split by them. */
  isAtomic: boolean;
}

/**
 * A model behind our wrapper's stream, or any server of the Open Inference Protocol.
 * Rejects with AppError: OVERLOADED (too much in flight), DEADLINE_EXCEEDED, CANCELLED, WRAPPER_UNAVAILABLE,
 * PREDICTOR_FAILED, PREDICTOR_INVALID_OUTPUT, INVALID_INPUT, PAYLOAD_TOO_LARGE (more than one message may hold).
 */
export interface ModelClient {
  infer(tensors: readonly Tensor[], call: InferCall): Promise<InferResult>;
  /** True while the model is loaded and the connection stands. */
  readonly ready: boolean;
  /** Called at every change of `ready`, until what it returns is called. */
  onReadyChange(listener: (ready: boolean) => void): () => void;
  readonly signature: ModelSignature | undefined;
  /** Version of the loaded model as it tells itself; empty before the first load. */
  readonly modelVersion: string;
  close(): Promise<void>;
}
