import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { AppError, ErrorCode } from '../foundation/errors.ts';

/** The gRPC code that tells an AppError to callers who know no other. */
const STATUS: Record<ErrorCode, status> = {
  INVALID_INPUT: status.INVALID_ARGUMENT,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  FORBIDDEN: status.PERMISSION_DENIED,
  UNKNOWN_MODEL: status.NOT_FOUND,
  UNKNOWN_ROUTE: status.UNIMPLEMENTED,
  METHOD_NOT_ALLOWED: status.UNIMPLEMENTED,
  REQUEST_TIMEOUT: status.DEADLINE_EXCEEDED,
  PAYLOAD_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  OVERLOADED: status.RESOURCE_EXHAUSTED,
  CANCELLED: status.CANCELLED,
  INTERNAL: status.INTERNAL,
  PREDICTOR_FAILED: status.INTERNAL,
  PREDICTOR_INVALID_OUTPUT: status.INTERNAL,
  FEATURE_UNAVAILABLE: status.UNAVAILABLE,
  WRAPPER_UNAVAILABLE: status.UNAVAILABLE,
  NOT_READY: status.UNAVAILABLE,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
};

export function grpcStatus(code: ErrorCode): status {
  return STATUS[code];
}

/** The status of a failed call; its trailer `tandem-code` carries the exact code of our table. */
export function grpcError(error: AppError): Partial<ServiceError> {
  const metadata = new Metadata();
  metadata.set('tandem-code', error.code);
  return { code: STATUS[error.code], details: error.message, metadata };
}
