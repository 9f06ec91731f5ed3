import { AppError, asAppError } from '../../../foundation/errors.ts';

/** Fastify's own refusals in our codes; what is neither its nor ours is INTERNAL. */
export function httpError(thrown: unknown): AppError {
  const code = (thrown as { code?: unknown } | null)?.code;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new AppError('PAYLOAD_TOO_LARGE', 'The body is larger than limits.bodyBytes allows.', { cause: thrown });
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new AppError('UNKNOWN_ROUTE', 'There is no such route.', { cause: thrown });
    case 'ECONNRESET':
      return new AppError('CANCELLED', 'The caller has gone.', { cause: thrown });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new AppError('INVALID_INPUT', 'The Content-Type header is not a media type.', { cause: thrown });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_ASYNC_CONSTRAINT':
      return new AppError('INVALID_INPUT', 'The request is not valid HTTP.', { cause: thrown });
    default:
      return asAppError(thrown);
  }
}
