import { AppError } from '../foundation/errors.ts';
import { checkAnswer, type Output } from './answer.ts';
import type { LiveRequest } from './request.ts';

/** `deadlineMs` is on the runner's clock; Infinity where the caller gave none. */
export type Predict = (request: LiveRequest, deadlineMs: number) => unknown;

/** The failure of a call whose deadline passed before it was begun. */
export const expiredWaiting = (): AppError =>
  new AppError('DEADLINE_EXCEEDED', 'The deadline passed while the call waited for the model.');

/** Who hears of a part's end. `finished` is called once a part; `flush` after every turn in which some finished. */
export interface PartSink {
  finished(part: Part): void;
  flush(): void;
}

/** One call of `predict`, from its message to its answer. */
export interface Part {
  id: number;
  request: LiveRequest;
  /** On the runner's clock; Infinity where the caller gave none. */
  deadlineMs: number;
  /** Its share of the message's bytes. */
  bytes: number;
  sink: PartSink;
  /** Where it runs, and is cancelled. */
  runner: PartRunner;
  state: 'waiting' | 'running' | 'done';
  outputs: Output[];
  error: AppError | undefined;
}

export interface RunnerLimits {
  /** Parts and bytes waiting or running; over either a part is answered OVERLOADED. */
  pendingParts: number;
  pendingBytes: number;
  /** Promises of `predict` open at once. */
  running: number;
  /** Promises started in one turn. */
  startsATurn: number;
}

/**
 * onnxruntime-node computes each promise in an immediate of the next turn, one after the other: more of them at once would
 * keep the loop from reading.
 */
export const RUNNER_LIMITS: RunnerLimits = {
  pendingParts: 4096,
  pendingBytes: 256 * 1024 ** 2,
  running: 256,
  startsATurn: 8,
};

/** How long one turn may compute before the loop gets to read cancels and send answers. */
const TURN_MS = 2;

/**
 * Runs parts in the order they came. A part waits at least until the messages that arrived with it are read, so that a
 * cancel right behind it still saves the work. `predict` that returns without a promise costs no promise here.
 */
export class PartRunner {
  readonly #predict: Predict;
  readonly #clock: () => number;
  readonly #onFailure: (error: AppError) => void;
  readonly #limits: RunnerLimits;
  readonly #touched = new Set<PartSink>();
  #queue: Part[] = [];
  #next = 0;
  #running = 0;
  #pending = 0;
  #pendingBytes = 0;
  #isScheduled = false;
  #lastFinishedMs: number;

  constructor(options: {
    predict: Predict;
    clock: () => number;
    onFailure: (error: AppError) => void;
    limits?: RunnerLimits;
  }) {
    this.#predict = options.predict;
    this.#clock = options.clock;
    this.#onFailure = options.onFailure;
    this.#limits = options.limits ?? RUNNER_LIMITS;
    this.#lastFinishedMs = options.clock();
  }

  /** Parts waiting or running. */
  get pending(): number {
    return this.#pending;
  }

  /** True when every open promise has been open, and none has settled, for `ms`: `predict` waits for what never comes. */
  isStuck(ms: number): boolean {
    return this.#running >= this.#limits.running && this.#clock() - this.#lastFinishedMs > ms;
  }

  accept(part: Part): void {
    this.#pending += 1;
    this.#pendingBytes += part.bytes;
    if (this.#pending > this.#limits.pendingParts || this.#pendingBytes > this.#limits.pendingBytes) {
      this.#finish(part, new AppError('OVERLOADED', 'The wrapper has too many calls waiting.'));
    } else {
      this.#queue.push(part);
    }
    this.#schedule();
  }

  /** The caller of `part` has gone: it is not begun any more, or its signal is aborted. */
  cancel(part: Part): void {
    const gone = new AppError('CANCELLED', 'The caller cancelled the call.');
    part.request.abort(gone);
    if (part.state === 'waiting') this.#finish(part, gone);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#runTurn();
    });
  }

  #runTurn(): void {
    const startedMs = this.#clock();
    let nowMs = startedMs;
    let started = 0;
    while (this.#next < this.#queue.length && this.#running < this.#limits.running) {
      const part = this.#queue[this.#next];
      this.#next += 1;
      if (part.state === 'done') continue;
      if (part.deadlineMs <= nowMs) {
        this.#finish(part, expiredWaiting());
        continue;
      }
      if (this.#run(part, nowMs)) started += 1;
      nowMs = this.#clock();
      if (nowMs - startedMs > TURN_MS || started >= this.#limits.startsATurn) break;
    }
    if (this.#next === this.#queue.length) {
      this.#queue = [];
      this.#next = 0;
    } else if (this.#next > 1024) {
      this.#queue = this.#queue.slice(this.#next);
      this.#next = 0;
    }
    for (const sink of this.#touched) sink.flush();
    this.#touched.clear();
    if (this.#next < this.#queue.length && this.#running < this.#limits.running) this.#schedule();
  }

  /** True when `predict` returned a promise, which the part now waits for. */
  #run(part: Part, nowMs: number): boolean {
    part.state = 'running';
    let answer: unknown;
    try {
      answer = this.#predict(part.request, part.deadlineMs);
    } catch (thrown) {
      this.#fail(part, thrown);
      return false;
    }
    if (!isThenable(answer)) {
      this.#answer(part, answer);
      return false;
    }
    void this.#settle(part, answer, nowMs);
    return true;
  }

  async #settle(part: Part, answer: Promise<unknown>, nowMs: number): Promise<void> {
    this.#running += 1;
    const timer = part.request.isWatched ? abortAt(part, nowMs) : undefined;
    const settled = await answer.then(
      (value) => ({ value }),
      (thrown: unknown) => ({ thrown }),
    );
    clearTimeout(timer);
    this.#running -= 1;
    this.#lastFinishedMs = this.#clock();
    if ('value' in settled) this.#answer(part, settled.value);
    else this.#fail(part, settled.thrown);
    this.#schedule();
  }

  #answer(part: Part, answer: unknown): void {
    const { gone, rows } = part.request;
    if (gone?.code === 'CANCELLED') {
      this.#finish(part, gone);
      return;
    }
    let outputs: Output[];
    try {
      outputs = checkAnswer(answer, rows);
    } catch (thrown) {
      this.#fail(part, thrown);
      return;
    }
    this.#finish(part, undefined, outputs);
  }

  /** What the predictor threw stays in the log: its text may name paths, hosts or secrets. */
  #fail(part: Part, thrown: unknown): void {
    const { gone } = part.request;
    if (gone) {
      // It was told that nobody waits, and most likely threw just that.
      this.#finish(part, gone);
      return;
    }
    const error =
      thrown instanceof AppError
        ? thrown
        : new AppError('PREDICTOR_FAILED', 'The predictor failed; the log of the wrapper says why.', { cause: thrown });
    this.#onFailure(error);
    this.#finish(part, error);
  }

  #finish(part: Part, error: AppError | undefined, outputs: Output[] = []): void {
    part.state = 'done';
    part.error = error;
    part.outputs = outputs;
    this.#pending -= 1;
    this.#pendingBytes -= part.bytes;
    this.#touched.add(part.sink);
    part.sink.finished(part);
  }
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Only for a predictor that read the signal before its first await; a timer for each call would cost the others. */
function abortAt(part: Part, nowMs: number): NodeJS.Timeout | undefined {
  if (part.deadlineMs === Number.POSITIVE_INFINITY) return undefined;
  const passed = new AppError('DEADLINE_EXCEEDED', 'The deadline passed while the model computed.');
  return setTimeout(() => part.request.abort(passed), Math.max(1, part.deadlineMs - nowMs));
}
