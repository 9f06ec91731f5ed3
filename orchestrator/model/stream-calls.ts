import { AppError } from '../../foundation/errors.ts';
import { decodeStreamResponse, encodeInferRequest } from '../../proto/codec.ts';
import type { CallerStream } from '../../proto/message-stream.ts';
import { cancelRequest, mergeParts, readAnswers, sameLayout, type PartAnswer } from '../../proto/parts.ts';
import { AbandonedParts } from './abandoned.ts';
import type { Calls, CallsOptions } from './calls.ts';
import type { InferCall, InferResult, Tensor } from './client.ts';
import { EarliestDeadline } from './deadlines.ts';
import { StreamPart, openPart } from './stream-part.ts';
import { errorOfPart, errorOfStatus } from './status.ts';
import { outputOf } from './tensors.ts';

/** A merged message is sent when it has this many bytes: a larger one would keep the small calls behind it waiting. */
const FLUSH_BYTES = 1024 * 1024;

/**
 * Calls over one `tandem.stream.v1`. Those that are ready in one turn of the event loop leave in one message; a lone
 * caller, with nothing in flight and nobody beside it in the last message, leaves at once: waiting for the end of the
 * turn costs it 30 µs. Where callers come together the first must not run ahead: a message costs both ends more than a
 * small call does.
 */
export class StreamCalls implements Calls {
  readonly #options: CallsOptions;
  readonly #stream: CallerStream;
  readonly #deadlines: EarliestDeadline;
  readonly #abandoned: AbandonedParts;
  readonly #sent = new Map<number, StreamPart>();
  #waiting: StreamPart[] = [];
  #cancels: number[] = [];
  #nextId = 1;
  #isFlushScheduled = false;
  /** Parts of the last message: more than one is a sign that others arrive in this turn too. */
  #lastParts = 0;
  /** The stream holds as much as it should; `drain` follows. */
  #isBlocked = false;
  #isClosed = false;

  constructor(stream: CallerStream, options: CallsOptions) {
    this.#options = options;
    this.#abandoned = new AbandonedParts(options.admission);
    this.#deadlines = new EarliestDeadline(options.clock, (nowMs) => this.#expire(nowMs));
    this.#stream = stream;
    this.#stream.on('data', (bytes) => this.#receive(bytes));
    this.#stream.on('drain', () => {
      this.#isBlocked = false;
      if (this.#waiting.length > 0 || this.#cancels.length > 0) this.#schedule();
    });
    this.#stream.on('error', (cause) => this.#break(cause));
    this.#stream.on('end', () => this.#break(new Error('The server ended the stream.')));
  }

  infer(tensors: readonly Tensor[], call: InferCall): Promise<InferResult> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw errorOfStatus(14, undefined);
      const part = openPart(tensors, call, this.#options.maxMessageBytes, resolve, reject);
      this.#options.admission.admit(part.bytes);
      part.onAbort(() => this.#abort(part));
      this.#waiting.push(part);
      this.#deadlines.watch(call.deadlineMs);
      this.#schedule();
    });
  }

  get pending(): number {
    return this.#sent.size + this.#waiting.length;
  }

  close(): void {
    this.#break(undefined);
  }

  #schedule(): void {
    if (this.#isFlushScheduled || this.#isBlocked) return;
    this.#isFlushScheduled = true;
    if (this.#sent.size === 0 && this.#lastParts <= 1) process.nextTick(this.#flush);
    else setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#isFlushScheduled = false;
    if (this.#isClosed) return;
    if (this.#cancels.length > 0) {
      this.#write(encodeInferRequest(cancelRequest(this.#options.model, this.#cancels)));
      this.#cancels = [];
    }
    const nowMs = this.#options.clock();
    let next = 0;
    while (next < this.#waiting.length && !this.#isBlocked) next = this.#sendFrom(next, nowMs);
    this.#waiting = next === this.#waiting.length ? [] : this.#waiting.slice(next);
  };

  /** Sends one message of the waiting parts from `first` on, and returns the first that it left. */
  #sendFrom(first: number, nowMs: number): number {
    const parts: StreamPart[] = [];
    let bytes = 0;
    let next = first;
    for (; next < this.#waiting.length && bytes < FLUSH_BYTES; next++) {
      const part = this.#waiting[next];
      if (part.isSettled) continue;
      if (part.deadlineMs <= nowMs) {
        this.#fail(part, deadlineExceeded());
        continue;
      }
      const isFitting = parts.length === 0 || bytes + part.bytes <= FLUSH_BYTES;
      if (!isFitting || (parts.length > 0 && !sameLayout(parts[0].tensors, part.tensors))) break;
      part.remainingUs = Math.floor((part.deadlineMs - nowMs) * 1000);
      part.id = this.#nextId++;
      parts.push(part);
      bytes += part.bytes;
    }
    if (parts.length > 0) this.#send(parts);
    return next;
  }

  #send(parts: readonly StreamPart[]): void {
    const { model, version, counters } = this.#options;
    this.#write(encodeInferRequest(mergeParts(model, version, parts)));
    this.#lastParts = parts.length;
    counters.messagesSent++;
    counters.partsSent += parts.length;
    for (const part of parts) {
      part.tensors = [];
      this.#sent.set(part.id, part);
    }
  }

  #write(bytes: Buffer): void {
    this.#isBlocked = !this.#stream.write(bytes);
  }

  #receive(bytes: Buffer): void {
    if (this.#isClosed) return;
    let answers: PartAnswer[] | undefined;
    let modelVersion = '';
    try {
      const { error_message: problem, infer_response: response } = decodeStreamResponse(bytes);
      if (problem) throw new Error(`The server could not read a message: ${problem}`);
      answers = response ? readAnswers(response) : undefined;
      modelVersion = response?.model_version ?? '';
      if (answers === undefined) throw new Error('The server answered a merged message with an ordinary one.');
    } catch (cause) {
      // No telling whose answer this was, so nobody gets one.
      this.#break(cause);
      return;
    }
    for (const answer of answers) this.#settle(answer, modelVersion);
  }

  #settle(answer: PartAnswer, modelVersion: string): void {
    this.#abandoned.answered(answer.id);
    const part = this.#sent.get(answer.id);
    if (part === undefined) {
      this.#options.counters.lateParts++;
      return;
    }
    this.#sent.delete(answer.id);
    this.#options.admission.release(part.bytes);
    if (answer.status !== 0) {
      part.reject(errorOfPart(answer.status, answer.error));
      return;
    }
    try {
      part.resolve({ outputs: answer.outputs.map((output) => outputOf(output, part.rows)), modelVersion });
    } catch (error) {
      part.reject(error);
    }
  }

  #expire(nowMs: number): number {
    let earliestMs = Infinity;
    for (const part of this.#sent.values()) {
      if (part.deadlineMs <= nowMs) this.#abandon(part, deadlineExceeded());
      else earliestMs = Math.min(earliestMs, part.deadlineMs);
    }
    for (const part of this.#waiting) {
      if (part.isSettled) continue;
      if (part.deadlineMs <= nowMs) this.#fail(part, deadlineExceeded());
      else earliestMs = Math.min(earliestMs, part.deadlineMs);
    }
    this.#forgetSettled();
    return earliestMs;
  }

  #abort(part: StreamPart): void {
    const error = new AppError('CANCELLED', 'The call was cancelled.');
    if (part.id !== 0) {
      this.#abandon(part, error);
    } else {
      this.#fail(part, error);
      this.#forgetSettled();
    }
  }

  /** Gives up a part that was sent. Cancels go out before any later part, which is what AbandonedParts counts on. */
  #abandon(part: StreamPart, error: AppError): void {
    this.#sent.delete(part.id);
    this.#abandoned.add(part.id, part.bytes, this.#nextId);
    this.#options.counters.abandonedParts++;
    this.#cancels.push(part.id);
    this.#schedule();
    part.reject(error);
  }

  /** Gives up a part that was not sent. */
  #fail(part: StreamPart, error: AppError): void {
    this.#options.admission.release(part.bytes);
    part.reject(error);
  }

  #forgetSettled(): void {
    this.#waiting = this.#waiting.filter((part) => !part.isSettled);
  }

  #break(cause: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#deadlines.stop();
    for (const part of [...this.#sent.values(), ...this.#waiting]) {
      if (!part.isSettled) this.#fail(part, errorOfStatus(14, cause));
    }
    this.#sent.clear();
    this.#waiting = [];
    this.#abandoned.letAllGo();
    this.#stream.cancel();
    this.#options.onBroken(cause);
  }
}

function deadlineExceeded(): AppError {
  return errorOfStatus(4, undefined);
}
