import { checkAnswer, type Output } from '../answer.ts';
import type { PredictAnswer, PredictRequest } from '../predictor.ts';
import { expiredWaiting, type Predict } from '../part-runner.ts';
import type { LiveRequest } from '../request.ts';
import { BatchingPolicy, type BatchingLimits } from './batching-policy.ts';
import { cutOutputs, joinRequests } from './joined-request.ts';

interface WaitingCall {
  request: LiveRequest;
  deadlineMs: number;
  cameMs: number;
  resolve: (answer: PredictAnswer) => void;
  reject: (thrown: unknown) => void;
}

/**
 * A `predict` that computes calls together: those that come while the last ones are computed, and those that are worth
 * waiting for. Only calls with the same parameters are one. Where a batch fails each of its calls is computed alone, so
 * that it fails for its own reasons only.
 */
export function batched(
  predict: (request: PredictRequest) => unknown,
  limits: BatchingLimits,
  clock: () => number,
): Predict {
  const batching = new Batching(predict, limits, clock);
  return (request, deadlineMs) => batching.predict(request, deadlineMs);
}

class Batching {
  readonly #predict: (request: PredictRequest) => unknown;
  readonly #limits: BatchingLimits;
  readonly #clock: () => number;
  readonly #policy: BatchingPolicy;
  #waiting: WaitingCall[] = [];
  #isBusy = false;
  #timer: NodeJS.Timeout | undefined;
  #isScheduled = false;

  constructor(predict: (request: PredictRequest) => unknown, limits: BatchingLimits, clock: () => number) {
    this.#predict = predict;
    this.#limits = limits;
    this.#clock = clock;
    this.#policy = new BatchingPolicy(limits);
  }

  predict(request: LiveRequest, deadlineMs: number): Promise<PredictAnswer> {
    const cameMs = this.#clock();
    this.#policy.came(cameMs);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, deadlineMs, cameMs, resolve, reject });
      this.#look();
    });
  }

  /** Decides at the end of the turn: calls of one message come one after the other. */
  #look(): void {
    if (this.#isScheduled || this.#isBusy) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isBusy) this.#decide();
    });
  }

  #decide(): void {
    clearTimeout(this.#timer);
    this.#waiting = this.#waiting.filter((call) => !this.#isOver(call));
    const batch = this.#nextBatch();
    if (batch.length === 0) return;
    const nowMs = this.#clock();
    const untilMs = this.#policy.waitUntil(
      {
        calls: batch.length,
        rows: rowsOf(batch),
        sinceMs: batch[0].cameMs,
        deadlineMs: Math.min(...batch.map((call) => call.deadlineMs)),
      },
      nowMs,
    );
    // Node's timers are of whole milliseconds: less is not waited for.
    if (untilMs - nowMs >= 1) {
      this.#timer = setTimeout(() => this.#decide(), untilMs - nowMs);
      return;
    }
    this.#waiting = this.#waiting.filter((call) => !batch.includes(call));
    void this.#compute(batch);
  }

  /** The first call that waits, and those with the same parameters, as far as the rows go. */
  #nextBatch(): WaitingCall[] {
    const [first] = this.#waiting;
    if (first === undefined) return [];
    const batch: WaitingCall[] = [];
    let rows = 0;
    for (const call of this.#waiting) {
      if (call.request.parametersText !== first.request.parametersText) continue;
      if (batch.length > 0 && rows + call.request.rows > this.#limits.maxRows) break;
      batch.push(call);
      rows += call.request.rows;
    }
    return batch;
  }

  #isOver({ request, deadlineMs, reject }: WaitingCall): boolean {
    if (request.gone !== undefined) reject(request.gone);
    else if (deadlineMs <= this.#clock()) reject(expiredWaiting());
    else return false;
    return true;
  }

  async #compute(batch: readonly WaitingCall[]): Promise<void> {
    this.#isBusy = true;
    const startedMs = this.#clock();
    if (batch.length === 1) await this.#computeAlone(batch[0]);
    else await this.#computeTogether(batch);
    this.#policy.took(rowsOf(batch), this.#clock() - startedMs);
    this.#isBusy = false;
    this.#look();
  }

  async #computeAlone({ request, resolve, reject }: WaitingCall): Promise<void> {
    try {
      resolve((await this.#predict(request)) as PredictAnswer);
    } catch (thrown) {
      reject(thrown);
    }
  }

  async #computeTogether(batch: readonly WaitingCall[]): Promise<void> {
    const joined = joinRequests(batch.map(({ request }) => request));
    let outputs: Output[];
    try {
      outputs = checkAnswer(await this.#predict(joined), joined.rows);
    } catch {
      for (const call of batch) await this.#computeAlone(call);
      return;
    }
    let first = 0;
    for (const { request, resolve } of batch) {
      resolve(cutOutputs(outputs, first, request.rows));
      first += request.rows;
    }
  }
}

const rowsOf = (batch: readonly WaitingCall[]): number => batch.reduce((rows, { request }) => rows + request.rows, 0);
