import { AppError, callerGone } from '../../foundation/errors.ts';
import { Status, type Columns } from '../plan/column.ts';
import { copyRow, failRow, flawOf, isRowFailed, type Picks } from './answer-rows.ts';
import type { FailedFetch } from './fetch-in-time.ts';
import { patientTimer } from './patient-timer.ts';
import { isFailed, type FetchOutcome, type Rider, type SharedFetch } from './shared-fetch.ts';
import type { FetchOptions } from './source.ts';

/** Puts something in place of a row whose fetch failed (a stale row); false where there is nothing. */
type StandIn = (row: number, status: number) => boolean;

export interface AwaitedOptions {
  answer: Columns;
  picks: Picks;
  fetch: FetchOptions;
  now: () => number;
  standIn: StandIn;
}

/** Rows of an answer, by their number, and of the fetch that brings them. */
interface Part {
  rows: number[];
  at: number[];
}

/**
 * One caller's answer whose rows come from shared fetches: it is given when all of them are there or at the caller's own
 * deadline, with what there is by then. Rejects where nothing can be used, and with CANCELLED when the caller has gone;
 * either way the fetches go on for those who still wait.
 */
export class AwaitedRows implements Rider {
  readonly #options: AwaitedOptions;
  readonly #parts = new Map<SharedFetch, Part>();
  #isUsable: boolean;
  #cause: Error | undefined;
  #stopTimer: (() => void) | undefined;
  #settle: ((settled: Columns | undefined, error?: Error) => void) | undefined;

  /** `isUsable`: some rows of the answer are there already. */
  constructor(options: AwaitedOptions, isUsable: boolean) {
    this.#options = options;
    this.#isUsable = isUsable;
  }

  /** Row `row` of the answer is row `at` of the fetch. */
  expect(row: number, fetch: SharedFetch, at: number): void {
    let part = this.#parts.get(fetch);
    if (part === undefined) {
      part = { rows: [], at: [] };
      this.#parts.set(fetch, part);
      fetch.join(this);
    }
    part.rows.push(row);
    part.at.push(at);
  }

  /** The answer, without a promise where every fetch has its outcome already. Call it once, after all `expect`. */
  wait(): Columns | Promise<Columns> {
    const { answer, fetch, now } = this.#options;
    if (fetch.signal.aborted) {
      this.#leaveAll();
      throw callerGone();
    }
    for (const shared of this.#parts.keys()) if (shared.outcome) this.#take(shared, shared.outcome);
    if (this.#parts.size === 0) {
      if (this.#hasNothing) throw this.#cause;
      return answer;
    }
    return new Promise((resolve, reject) => {
      this.#settle = (settled, error) => (settled ? resolve(settled) : reject(error));
      this.#stopTimer = patientTimer(fetch.deadlineMs - now(), this.#onLate);
      fetch.signal.addEventListener('abort', this.#onCancel);
    });
  }

  onOutcome(shared: SharedFetch, outcome: FetchOutcome): void {
    // Before `wait`, which takes it in its turn.
    if (this.#settle === undefined) return;
    this.#take(shared, outcome);
    if (this.#parts.size === 0) this.#finish();
  }

  get #hasNothing(): boolean {
    return !this.#isUsable && this.#cause !== undefined;
  }

  #take(shared: SharedFetch, outcome: FetchOutcome): void {
    const part = this.#parts.get(shared);
    if (part === undefined) return;
    this.#parts.delete(shared);
    if (isFailed(outcome)) {
      this.#cause ??= causeOf(outcome);
      this.#fail(part, outcome.status);
      return;
    }
    const { answer, picks, standIn } = this.#options;
    for (let i = 0; i < part.rows.length; i++) {
      const [row, at] = [part.rows[i], part.at[i]];
      const flaw = flawOf(outcome, at);
      if (flaw !== 0 && standIn(row, flaw)) this.#isUsable = true;
      else {
        copyRow(answer, row, outcome, at, picks);
        this.#isUsable ||= flaw === 0 || !isRowFailed(outcome, at);
      }
    }
  }

  #fail({ rows }: Part, status: number): void {
    const { answer, standIn } = this.#options;
    for (const row of rows) {
      if (standIn(row, status)) this.#isUsable = true;
      else failRow(answer, row, status);
    }
  }

  readonly #onLate = (): void => {
    this.#cause ??= late();
    for (const part of this.#parts.values()) this.#fail(part, Status.TIMEOUT);
    this.#finish();
  };

  readonly #onCancel = (): void => {
    this.#done();
    this.#settle?.(undefined, callerGone());
  };

  #finish(): void {
    this.#done();
    if (this.#hasNothing) this.#settle?.(undefined, this.#cause);
    else this.#settle?.(this.#options.answer);
  }

  #done(): void {
    this.#stopTimer?.();
    this.#options.fetch.signal.removeEventListener('abort', this.#onCancel);
    this.#leaveAll();
  }

  #leaveAll(): void {
    const left = [...this.#parts.keys()];
    this.#parts.clear();
    for (const shared of left) shared.leave(this);
  }
}

const causeOf = ({ status, cause }: FailedFetch): Error =>
  cause instanceof Error ? cause : status === Status.TIMEOUT ? late() : failed();
const late = (): AppError => new AppError('DEADLINE_EXCEEDED', 'The features were not there in time.');
const failed = (): AppError => new AppError('FEATURE_UNAVAILABLE', 'The features could not be read.');
