import type { Dispatcher } from 'undici';
import type { CancelSignal } from '../../../foundation/cancel-signal.ts';
import type { Breaker } from '../breaker.ts';
import type { ServiceCounters } from './counters.ts';
import { patientTimer } from '../patient-timer.ts';
import { Exchange, type CallRequest, type ReadAnswer } from './exchange.ts';
import type { FetchScope } from '../fetch-scope.ts';
import { failed, OUTCOMES, type Answer } from './outcome.ts';
import { nextPauseMs, RetryBudget } from './retry.ts';
import { Slots } from '../slots.ts';

export interface ServiceLimits {
  timeoutMs: number;
  /** Further tries of a call. */
  retries: number;
  maxConcurrency: number;
}

export interface CallSurroundings {
  pool: Dispatcher;
  breaker: Breaker<Answer>;
  counters: ServiceCounters;
  /** Headers of every call. */
  headers: Readonly<Record<string, string>>;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  random: () => number;
}

/** W3C Trace Context, version 00 and those to come: what is none is not passed on. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x20-\x7e]{0,256})?$/;

/**
 * The calls of one service: a place among `maxConcurrency`, the breaker, the wire, and further tries while deadline and
 * budget allow. Never rejects: what came of a call is its Answer.
 */
export class ServiceCalls {
  readonly #limits: ServiceLimits;
  readonly #around: CallSurroundings;
  readonly #slots: Slots;
  readonly #budget = new RetryBudget();

  constructor(limits: ServiceLimits, around: CallSurroundings) {
    this.#limits = limits;
    this.#around = around;
    this.#slots = new Slots(limits.maxConcurrency);
  }

  async call(request: CallRequest, read: ReadAnswer, scope: FetchScope): Promise<Answer> {
    const { counters, now, random } = this.#around;
    this.#budget.onCall();
    let pauseMs: number | undefined;
    for (let retriesLeft = this.#limits.retries; ; retriesLeft--) {
      const answer = await this.#attempt(request, read, scope);
      counters.tries[answer.outcome]++;
      if (!OUTCOMES[answer.outcome].isRetried || retriesLeft === 0) return answer;
      pauseMs = nextPauseMs(pauseMs, random);
      const waitMs = Math.max(pauseMs, Number.isNaN(answer.retryAfterMs) ? 0 : answer.retryAfterMs);
      if (scope.stop.aborted || now() + waitMs >= scope.deadlineMs) return answer;
      if (!this.#budget.take()) {
        counters.retriesOverBudget++;
        return answer;
      }
      if (!(await paused(waitMs, scope.stop))) return answer;
      counters.retries++;
    }
  }

  async #attempt(request: CallRequest, read: ReadAnswer, scope: FetchScope): Promise<Answer> {
    const { breaker, counters } = this.#around;
    if (breaker.isShut) return failed('open');
    const taking = this.#slots.take(scope.stop);
    counters.waiting = this.#slots.waiting;
    const isTaken = typeof taking === 'boolean' ? taking : await taking;
    counters.waiting = this.#slots.waiting;
    if (!isTaken) return failed(scope.isCancelled ? 'cancelled' : 'late');
    try {
      return await breaker.run(() => this.#exchange(request, read, scope));
    } finally {
      this.#slots.release();
    }
  }

  async #exchange(request: CallRequest, read: ReadAnswer, scope: FetchScope): Promise<Answer> {
    const { pool, counters, now } = this.#around;
    const { timeoutMs } = this.#limits;
    const startedMs = now();
    const tryMs = Math.min(timeoutMs, scope.deadlineMs - startedMs);
    if (scope.stop.aborted || tryMs <= 0) return failed(scope.isCancelled ? 'cancelled' : 'late');
    // Less than half of its time proves nothing against a service. More does, or one that hangs would never be left
    // alone where the deadline always comes before `timeout`.
    const tooLate = tryMs * 2 < timeoutMs ? 'late' : 'timeout';
    const exchange = new Exchange(read);
    const stopTimer = patientTimer(Math.ceil(tryMs), () => exchange.end(failed(tooLate)));
    const onStop = (): void => exchange.end(failed(scope.isCancelled ? 'cancelled' : tooLate));
    scope.stop.addEventListener('abort', onStop);
    counters.inFlight++;
    try {
      pool.dispatch({ ...request, headers: this.#headers(request, tryMs, scope.trace) }, exchange);
      return await exchange.done;
    } finally {
      counters.inFlight--;
      stopTimer();
      scope.stop.removeEventListener('abort', onStop);
      counters.durations.observe((now() - startedMs) / 1000);
    }
  }

  #headers(request: CallRequest, tryMs: number, trace: string | undefined): Record<string, string> {
    const headers: Record<string, string> = {
      ...this.#around.headers,
      'x-request-timeout-ms': String(Math.max(1, Math.floor(tryMs))),
    };
    if (request.body !== null) headers['content-type'] = 'application/json';
    if (trace !== undefined && TRACEPARENT.test(trace)) headers['traceparent'] = trace;
    return headers;
  }
}

/** Waits; false when `stop` came first. */
function paused(waitMs: number, stop: CancelSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const leave = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      stop.removeEventListener('abort', leave);
      resolve(true);
    }, waitMs);
    stop.addEventListener('abort', leave);
  });
}
