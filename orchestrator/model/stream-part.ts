import type { CancelSignal } from '../../foundation/cancel-signal.ts';
import { AppError } from '../../foundation/errors.ts';
import type { Part } from '../../proto/parts.ts';
import type { RawTensor } from '../../proto/rows.ts';
import { callBytes } from './calls.ts';
import type { InferCall, InferResult, Tensor } from './client.ts';
import { rawInputs } from './tensors.ts';

/** A call on the stream, from `infer` until its caller is answered. */
export class StreamPart implements Part {
  /** 0 until it is sent. */
  id = 0;
  remainingUs = 0;
  isSettled = false;
  /** Empty once sent: the message has its own copy. */
  tensors: readonly RawTensor[];
  readonly rows: number;
  readonly bytes: number;
  readonly deadlineMs: number;
  readonly parameters: string | undefined;
  readonly trace: string | undefined;
  readonly #signal: CancelSignal | undefined;
  readonly #resolve: (result: InferResult) => void;
  readonly #reject: (error: unknown) => void;
  #abort: (() => void) | undefined;

  constructor(
    tensors: readonly RawTensor[],
    bytes: number,
    call: InferCall,
    resolve: (result: InferResult) => void,
    reject: (error: unknown) => void,
  ) {
    this.tensors = tensors;
    this.bytes = bytes;
    this.rows = call.rows;
    this.deadlineMs = call.deadlineMs;
    this.parameters = call.parameters;
    this.trace = call.trace;
    this.#signal = call.signal;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onAbort(abort: () => void): void {
    if (this.#signal === undefined) return;
    this.#abort = abort;
    this.#signal.addEventListener('abort', abort);
  }

  resolve(result: InferResult): void {
    this.#settle();
    this.#resolve(result);
  }

  reject(error: unknown): void {
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.isSettled = true;
    if (this.#abort !== undefined) this.#signal?.removeEventListener('abort', this.#abort);
  }
}

/** Throws INVALID_INPUT, PAYLOAD_TOO_LARGE, or CANCELLED where the signal is aborted already. */
export function openPart(
  tensors: readonly Tensor[],
  call: InferCall,
  maxMessageBytes: number,
  resolve: (result: InferResult) => void,
  reject: (error: unknown) => void,
): StreamPart {
  if (call.signal?.aborted) throw new AppError('CANCELLED', 'The call was cancelled.');
  const raws = rawInputs(tensors, call.rows);
  return new StreamPart(raws, callBytes(raws, call, maxMessageBytes), call, resolve, reject);
}
