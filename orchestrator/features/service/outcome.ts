import { Status } from '../../plan/column.ts';
import type { Verdict } from '../breaker.ts';

interface Fate {
  /** What the rows of the call become where no value came of it. */
  status: typeof Status.TIMEOUT | typeof Status.ERROR | undefined;
  /** Whether another try may mend it. */
  isRetried: boolean;
  /** Whether it speaks against the service: so many of these, and the breaker opens. */
  isFailure: boolean;
}

/** What can become of one try of a call. The names are the label values of its metric. */
export const OUTCOMES = {
  answered: { status: undefined, isRetried: false, isFailure: false },
  /** 404: there is no such row. */
  not_found: { status: undefined, isRetried: false, isFailure: false },
  /** No whole answer within `timeout`. */
  timeout: { status: Status.TIMEOUT, isRetried: true, isFailure: true },
  /** The caller's deadline came first, too soon to blame the service. */
  late: { status: Status.TIMEOUT, isRetried: false, isFailure: false },
  /** No connection, or one that broke. */
  network: { status: Status.ERROR, isRetried: true, isFailure: true },
  /** 5xx. */
  unavailable: { status: Status.ERROR, isRetried: true, isFailure: true },
  /** 429: it lives, and asks for patience. */
  throttled: { status: Status.ERROR, isRetried: true, isFailure: false },
  /** Any other 4xx: the same call would be refused again. */
  refused: { status: Status.ERROR, isRetried: false, isFailure: false },
  /** 3xx: nothing but the pinned origin and the declared path is called. */
  redirected: { status: Status.ERROR, isRetried: false, isFailure: true },
  /** Too large, packed in an unknown way, or no JSON. */
  unreadable: { status: Status.ERROR, isRetried: false, isFailure: true },
  /** The breaker is open: the service was not called. */
  open: { status: Status.ERROR, isRetried: false, isFailure: false },
  /** The caller has gone. */
  cancelled: { status: Status.ERROR, isRetried: false, isFailure: false },
} as const satisfies Record<string, Fate>;

export type Outcome = keyof typeof OUTCOMES;

/** What came of a try. */
export interface Answer {
  outcome: Outcome;
  /** The JSON of an answered call. */
  body?: unknown;
  /** Why it failed, for the log: no body, no header, nothing of the caller's. */
  reason?: string;
  /** For how long it is fresh by its own word; NaN: not said. */
  freshMs: number;
  /** How long the service asks to be left alone; NaN: not said. */
  retryAfterMs: number;
}

/** What an answer says of the service. */
export function judgeAnswer({ outcome }: Answer): Verdict {
  if (outcome === 'cancelled' || outcome === 'late') return 'nothing';
  return OUTCOMES[outcome].isFailure ? 'fails' : 'works';
}

export function failed(outcome: Outcome, reason?: string, retryAfterMs = Number.NaN): Answer {
  return reason === undefined
    ? { outcome, freshMs: Number.NaN, retryAfterMs }
    : { outcome, reason, freshMs: Number.NaN, retryAfterMs };
}

/** The outcome that a status code tells by itself; undefined where the body decides. */
export function outcomeOfStatus(status: number): Outcome | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 404) return 'not_found';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'unavailable';
  return status >= 300 && status < 400 ? 'redirected' : 'refused';
}
