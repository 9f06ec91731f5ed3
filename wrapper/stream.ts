import { AppError, asAppError } from '../foundation/errors.ts';
import { decodeInferRequest, encodeStreamResponse } from '../proto/codec.ts';
import type { MessageStream } from '../proto/message-stream.ts';
import type { ModelInferRequest } from '../proto/messages.ts';
import {
  mergeAnswers,
  readCancel,
  readParts,
  sameLayout,
  type Part as WirePart,
  type PartAnswer,
} from '../proto/parts.ts';
import type { RawTensor } from '../proto/rows.ts';
import { grpcStatus } from './grpc-status.ts';
import type { Host } from './host.ts';
import type { LoadedModel } from './load-model.ts';
import type { Part, PartSink } from './part-runner.ts';
import { LiveRequest } from './request.ts';
import { ordinaryResponse, outputTensor } from './tensors.ts';
import { ordinaryPart } from './unary.ts';

/** Well under the 16 MiB that both ends take: what one turn finished is cut into messages of about this size. */
const MESSAGE_BYTES = 4 * 1024 ** 2;
/** The largest answer of one part. */
const MAX_ANSWER_BYTES = 15 * 1024 ** 2;

/**
 * The calls of one stream. Parts are answered as they finish, those of one turn together; an error is its part's own
 * and never ends the stream. A stream whose reader is slow is not read either, so answers do not pile up here.
 */
export class StreamSession implements PartSink {
  readonly #host: Host;
  readonly #stream: MessageStream;
  /** The model that this stream's calls are laid out for, where its caller said so. */
  readonly #held: LoadedModel | undefined;
  readonly #parts = new Map<number, Part>();
  /** Ordinary messages, whose parts have negative ids. */
  readonly #ordinary = new Map<number, ModelInferRequest>();
  #lastOrdinary = 0;
  #answers: PartAnswer[] = [];
  #flush: NodeJS.Immediate | undefined;
  #isEnding = false;
  /** Nothing can be written any more. */
  #isOver = false;

  constructor(host: Host, stream: MessageStream, hold?: ReturnType<Host['hold']>) {
    this.#host = host;
    this.#stream = stream;
    this.#held = hold?.model;
    stream.on('data', (bytes) => this.#read(bytes));
    stream.on('end', () => this.end());
    stream.on('error', () => this.#abandon());
    stream.on('close', () => {
      this.#abandon();
      hold?.release();
    });
    stream.on('drain', () => stream.resume());
  }

  /** Ends the stream as soon as nothing is pending on it. */
  end(): void {
    this.#isEnding = true;
    this.flush();
  }

  #read(bytes: Buffer): void {
    try {
      const message = decodeInferRequest(bytes);
      const cancelled = readCancel(message);
      if (cancelled) return this.#cancel(cancelled);
      const parts = readParts(message);
      if (parts) this.#acceptParts(message, parts, bytes.byteLength);
      else this.#acceptOrdinary(message);
    } catch (thrown) {
      this.#write(encodeStreamResponse({ error_message: asAppError(thrown).message }));
    }
  }

  #acceptParts(message: ModelInferRequest, parts: readonly WirePart[], messageBytes: number): void {
    const model = this.#host.find(message.model_name, message.model_version, this.#held);
    const nowMs = this.#host.clock();
    for (const { id, rows, remainingUs, tensors, parameters } of parts) {
      if (model instanceof AppError) {
        this.#fail(id, model);
        continue;
      }
      let request: LiveRequest;
      try {
        request = new LiveRequest(model.features, rows, model.readInputs(tensors, rows), parameters);
      } catch (thrown) {
        this.#fail(id, asAppError(thrown));
        continue;
      }
      const part: Part = {
        id,
        request,
        deadlineMs: nowMs + remainingUs / 1000,
        bytes: messageBytes / parts.length,
        sink: this,
        runner: model.runner,
        state: 'waiting',
        outputs: [],
        error: undefined,
      };
      this.#parts.set(id, part);
      model.runner.accept(part);
    }
  }

  #acceptOrdinary(message: ModelInferRequest): void {
    const model = this.#host.find(message.model_name, message.model_version, this.#held);
    if (model instanceof AppError) throw model;
    this.#lastOrdinary -= 1;
    const id = this.#lastOrdinary;
    const part = ordinaryPart(model, message, { id, deadlineMs: Number.POSITIVE_INFINITY, sink: this });
    this.#ordinary.set(id, message);
    this.#parts.set(id, part);
    model.runner.accept(part);
  }

  #cancel(ids: readonly number[]): void {
    for (const id of ids) {
      const part = this.#parts.get(id);
      // One that was answered meanwhile is no longer here: nothing to do.
      part?.runner.cancel(part);
    }
  }

  /** The caller has hung up: nothing that it asked for is begun any more. */
  #abandon(): void {
    this.#isOver = true;
    for (const part of this.#parts.values()) part.runner.cancel(part);
  }

  get #version(): string {
    const model = this.#held ?? this.#host.model;
    return model instanceof AppError ? '' : model.version;
  }

  finished(part: Part): void {
    this.#parts.delete(part.id);
    const ordinary = this.#ordinary.get(part.id);
    if (ordinary) {
      this.#ordinary.delete(part.id);
      this.#answerOrdinary(ordinary, part);
    } else if (part.error) {
      this.#fail(part.id, part.error);
    } else {
      const outputs = part.outputs.map(outputTensor);
      if (bytesOf(outputs) > MAX_ANSWER_BYTES) this.#fail(part.id, tooLarge());
      else this.#add({ id: part.id, rows: part.request.rows, status: 0, outputs });
    }
  }

  #answerOrdinary(message: ModelInferRequest, { error, outputs }: Part): void {
    try {
      if (error) throw error;
      this.#write(encodeStreamResponse({ infer_response: ordinaryResponse(message, this.#version, outputs) }));
    } catch (thrown) {
      this.#write(encodeStreamResponse({ error_message: asAppError(thrown).message }));
    }
  }

  #fail(id: number, { code, message }: AppError): void {
    const error = JSON.stringify({ code, error: message });
    this.#add({ id, rows: 0, status: grpcStatus(code), error, outputs: [] });
  }

  #add(answer: PartAnswer): void {
    this.#answers.push(answer);
    // Answers outside of the runner's turn (a settled promise, a refusal) wait for the others of this turn of the loop.
    this.#flush ??= setImmediate(() => this.flush());
  }

  flush(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    const answers = this.#answers;
    this.#answers = [];
    const { spec } = this.#host;
    for (const alike of cutMessages(answers)) {
      this.#write(encodeStreamResponse({ infer_response: mergeAnswers(spec.model, this.#version, alike) }));
    }
    if (!this.#isEnding || this.#parts.size > 0 || this.#isOver) return;
    this.#isOver = true;
    this.#stream.end();
  }

  #write(bytes: Buffer): void {
    if (!this.#isOver && !this.#stream.write(bytes)) this.#stream.pause();
  }
}

/** The answers as messages: those that did not fail are alike within one, and none is much over MESSAGE_BYTES. */
function* cutMessages(answers: readonly PartAnswer[]): Generator<PartAnswer[]> {
  let message: PartAnswer[] = [];
  let layout: readonly RawTensor[] | undefined;
  let bytes = 0;
  for (const answer of answers) {
    if (answer.status === 0) {
      const size = bytesOf(answer.outputs);
      if (layout && (bytes + size > MESSAGE_BYTES || !sameLayout(layout, answer.outputs))) {
        yield message;
        message = [];
        bytes = 0;
      }
      layout = answer.outputs;
      bytes += size;
    }
    message.push(answer);
  }
  if (message.length > 0) yield message;
}

function bytesOf(tensors: readonly RawTensor[]): number {
  let bytes = 0;
  for (const { raw } of tensors) bytes += raw.byteLength;
  return bytes;
}

function tooLarge(): AppError {
  return new AppError('PREDICTOR_INVALID_OUTPUT', 'The outputs of `predict` for this call are larger than 15 MiB.');
}
