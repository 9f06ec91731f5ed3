import { AppError } from '../../foundation/errors.ts';
import type { RawTensor } from '../../proto/rows.ts';
import type { Admission } from './admission.ts';
import type { InferCall, InferResult, Tensor } from './client.ts';
import type { ModelClientCounters } from './counters.ts';

/** How calls reach a server: merged on one stream, or one by one. Lives as long as one connection. */
export interface Calls {
  infer(tensors: readonly Tensor[], call: InferCall): Promise<InferResult>;
  /** Calls that are not answered yet. */
  readonly pending: number;
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
const MESSAGE_OVERHEAD_BYTES = 64 * 1024;

/** The bytes that a call adds to a message. Throws PAYLOAD_TOO_LARGE where no message could hold it. */
export function callBytes(raws: readonly RawTensor[], call: InferCall, maxMessageBytes: number): number {
  let bytes = 32;
  for (const { raw } of raws) bytes += raw.byteLength;
  if (call.parameters !== undefined) bytes += 4 + Buffer.byteLength(call.parameters);
  if (call.trace !== undefined) bytes += 4 + call.trace.length;
  if (bytes > maxMessageBytes - MESSAGE_OVERHEAD_BYTES) {
    throw new AppError('PAYLOAD_TOO_LARGE', `A call of ${bytes} bytes is more than a message to the model may hold.`);
  }
  return bytes;
}
