/** Every code a caller can meet, with its HTTP status and whether the same call may succeed when sent again. */
const CODES = {
  INVALID_INPUT: { status: 400, retryable: false },
  UNAUTHENTICATED: { status: 401, retryable: false },
  FORBIDDEN: { status: 403, retryable: false },
  UNKNOWN_MODEL: { status: 404, retryable: false },
  UNKNOWN_ROUTE: { status: 404, retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false },
  REQUEST_TIMEOUT: { status: 408, retryable: true },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false },
  OVERLOADED: { status: 429, retryable: true },
  CANCELLED: { status: 499, retryable: false },
  INTERNAL: { status: 500, retryable: false },
  PREDICTOR_FAILED: { status: 502, retryable: false },
  PREDICTOR_INVALID_OUTPUT: { status: 502, retryable: false },
  FEATURE_UNAVAILABLE: { status: 503, retryable: true },
  WRAPPER_UNAVAILABLE: { status: 503, retryable: true },
  NOT_READY: { status: 503, retryable: true },
  DEADLINE_EXCEEDED: { status: 504, retryable: true },
} as const;

export type ErrorCode = keyof typeof CODES;

/** The codes in the order of the table: the bounded label values of every metric that counts failures. */
export const ERROR_CODES = Object.keys(CODES) as ErrorCode[];

/** One thing that is wrong with a request: which instance (absent: the request itself), which field, what about it. */
export interface ErrorDetail {
  instance?: number;
  field?: string;
  problem: string;
}

/**
 * The only error that crosses a seam. `message` is a sentence for the caller: it carries no stack, path, secret or
 * address; what the operator needs beyond it travels in `cause` and goes to the log only.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetail[];

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetail[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? [];
  }

  get status(): number {
    return CODES[this.code].status;
  }

  get retryable(): boolean {
    return CODES[this.code].retryable;
  }
}

/** What a call ends with whose caller has left. */
export function callerGone(cause?: unknown): AppError {
  return new AppError('CANCELLED', 'The caller has gone.', { cause });
}

/** Anything thrown, as an AppError; what is not one of ours becomes INTERNAL and says nothing of its text to callers. */
export function asAppError(thrown: unknown): AppError {
  return thrown instanceof AppError
    ? thrown
    : new AppError('INTERNAL', 'An internal error occurred; the log names it.', { cause: thrown });
}

/** The body every protocol answers an error with. */
export function errorBody(error: AppError): Record<string, unknown> {
  const body: Record<string, unknown> = { error: error.message, code: error.code, retryable: error.retryable };
  if (error.details.length > 0) body['details'] = error.details;
  return body;
}
