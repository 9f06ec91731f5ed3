import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { CallSignal, type CancelSignal } from '../../../foundation/cancel-signal.ts';
import { MAX_BODY_BYTES } from './body.ts';
import { failed, outcomeOfStatus, type Answer } from './outcome.ts';

/** Bytes of a body nobody wants (an error's page) that are read away, so that the connection stays usable. */
const MAX_DISCARDED_BYTES = 64 * 1024;

/** What to ask for, below the pinned origin. */
export interface CallRequest {
  method: 'GET' | 'POST';
  path: string;
  body: string | null;
}

/** Makes an answer of one that has come whole; `stop` says that nobody waits for it any more. */
export type ReadAnswer = (
  status: number,
  headers: IncomingHttpHeaders,
  chunks: readonly Buffer[],
  stop: CancelSignal,
) => Promise<Answer>;

/**
 * One request on the wire. Its handler is undici's lowest, since that one ends at once: `end` settles the exchange,
 * and breaks the connection (HTTP/2: resets the stream) where an answer was still to come, so that a caller that has
 * gone, a body that trickles or one too large leave nothing behind.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly done: Promise<Answer>;
  readonly #read: ReadAnswer;
  readonly #settleWith: (answer: Answer) => void;
  /** Aborted when it is given up. */
  readonly #stop = new CallSignal();
  #isSettled = false;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isWanted = false;

  constructor(read: ReadAnswer) {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.done = promise;
    this.#settleWith = resolve;
    this.#read = read;
  }

  /** Settles with this answer unless it has settled, and leaves the wire. */
  end(answer: Answer): void {
    if (this.#isSettled) return;
    this.#settle(answer);
    this.#stop.abort();
    this.#controller?.abort(new Error('The call was given up.'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while it waited for a connection: nothing of it is sent.
    if (this.#isSettled) controller.abort(new Error('The call was given up.'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return; // an interim answer; the real one follows
    this.#status = status;
    this.#headers = headers;
    this.#isWanted = outcomeOfStatus(status) === undefined;
    if (this.#isWanted && Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) this.#tooLarge();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isSettled) return;
    this.#bytes += chunk.length;
    if (!this.#isWanted) {
      if (this.#bytes > MAX_DISCARDED_BYTES) this.end(failed(outcomeOfStatus(this.#status)!));
    } else if (this.#bytes > MAX_BODY_BYTES) this.#tooLarge();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#isSettled) return;
    this.#controller = undefined; // what is left is reading: there is nothing to break off
    void this.#read(this.#status, this.#headers, this.#chunks, this.#stop).then((answer) => this.#settle(answer));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const code = (error as NodeJS.ErrnoException).code;
    this.#settle(failed('network', code === undefined ? 'the connection failed' : `the connection failed (${code})`));
  }

  #tooLarge(): void {
    this.end(failed('unreadable', `the body has more than ${MAX_BODY_BYTES} bytes`));
  }

  #settle(answer: Answer): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#chunks = [];
    this.#settleWith(answer);
  }
}
