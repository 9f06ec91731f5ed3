import { Metadata, status as GrpcStatus } from '@grpc/grpc-js';
import { AppError, ERROR_CODES, type ErrorCode } from '../../foundation/errors.ts';

/**
 * What each gRPC status of a call means to our caller; any other is PREDICTOR_FAILED. So is INVALID_ARGUMENT: the
 * caller's input was checked before, and what the server then finds invalid is between model and configuration.
 */
const CODES: Partial<Record<number, ErrorCode>> = {
  [GrpcStatus.CANCELLED]: 'CANCELLED',
  [GrpcStatus.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [GrpcStatus.RESOURCE_EXHAUSTED]: 'OVERLOADED',
  [GrpcStatus.UNAVAILABLE]: 'WRAPPER_UNAVAILABLE',
  [GrpcStatus.NOT_FOUND]: 'WRAPPER_UNAVAILABLE',
  [GrpcStatus.FAILED_PRECONDITION]: 'WRAPPER_UNAVAILABLE',
  [GrpcStatus.UNAUTHENTICATED]: 'WRAPPER_UNAVAILABLE',
  [GrpcStatus.PERMISSION_DENIED]: 'WRAPPER_UNAVAILABLE',
};

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  CANCELLED: 'The call was cancelled.',
  DEADLINE_EXCEEDED: 'The model did not answer within the deadline.',
  OVERLOADED: 'The model server refused the call because it has too much to do.',
  WRAPPER_UNAVAILABLE: 'The model is not available.',
};

/**
 * The error of a call that ended with a gRPC status. The server's own text goes to the log only (`cause`): servers we
 * did not write put paths and stacks in it.
 */
export function errorOfStatus(code: number, cause: unknown): AppError {
  const ours = CODES[code] ?? 'PREDICTOR_FAILED';
  return new AppError(ours, MESSAGES[ours] ?? 'The model failed.', { cause });
}

/** The error of one part of a merged answer: our wrapper's own code and sentence where it sent them. */
export function errorOfPart(status: number, json: string | undefined): AppError {
  const sent = json === undefined ? undefined : parseError(json);
  return sent === undefined
    ? errorOfStatus(status, new Error(`A part failed with status ${status}.`))
    : new AppError(sent.code, sent.error);
}

/**
 * Whether the server could not be reached at all, or went away: it may be back in a moment. A wrapper of ours that is
 * there and cannot load the model answers UNAVAILABLE too, with its own code beside it.
 */
export function isUnreachable(thrown: unknown): boolean {
  const cause: unknown = thrown instanceof AppError ? thrown.cause : thrown;
  return cause instanceof Error && 'code' in cause && cause.code === GrpcStatus.UNAVAILABLE && !isOurs(cause);
}

/** The sentence of a problem for an operator: our wrapper's own where it sent one, which names no path and no secret. */
export function sentenceOf({ message, cause }: AppError): string {
  return cause instanceof Error && isOurs(cause) && 'details' in cause ? String(cause.details) : message;
}

/** Our wrapper's errors carry the code of our table in a trailer. */
function isOurs(cause: Error): boolean {
  return 'metadata' in cause && cause.metadata instanceof Metadata && cause.metadata.get('tandem-code').length > 0;
}

function parseError(json: string): { code: ErrorCode; error: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, error } = value as Record<string, unknown>;
  const known = ERROR_CODES.find((name) => name === code);
  return known !== undefined && typeof error === 'string' ? { code: known, error } : undefined;
}
