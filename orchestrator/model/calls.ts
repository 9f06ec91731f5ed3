import type { Admission } from './admission.ts';
import type { InferCall, InferResult, Tensor } from './client.ts';
import type { ModelClientCounters } from './counters.ts';

/** How calls reach a server: merged on one stream, or one by one. Lives as long as one connection. */
export interface Calls {
  infer(tensors: readonly Tensor[], call: InferCall): Promise<InferResult>;
  /** Fails what is in flight with WRAPPER_UNAVAILABLE. */
  close(): void;
}

export interface CallsOptions {
  model: string;
  version: string;
  admission: Admission;
  counters: ModelClientCounters;
  /** Milliseconds on the scale of `InferCall.deadlineMs`. */
  clock: () => number;
  /** Largest message in bytes; a call that does not fit into one is refused. */
  maxMessageBytes: number;
  /** Called once when the connection is found broken. */
  onBroken(cause: unknown): void;
}

/** Room in a message for names, shapes and the table of parts. */
export const MESSAGE_OVERHEAD_BYTES = 64 * 1024;
