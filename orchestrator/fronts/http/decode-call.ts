import type { CancelSignal } from '../../../foundation/cancel-signal.ts';
import type { AppError } from '../../../foundation/errors.ts';
import { nearestName } from '../../../foundation/nearest.ts';
import type { Call } from '../../predict/call.ts';
import { decodeBody, invalid } from '../../predict/call-body.ts';
import type { Exchange } from './exchange.ts';

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const DECIMAL = /^\d{1,12}(?:\.\d+)?$/;
const PREDICT_KEYS = ['instances', 'inputs', 'request', 'parameters'];
const FEATURES_KEYS = [...PREDICT_KEYS, 'features'];

/** A V1 request as a Call: row objects (`instances`) or one list an input (`inputs`), and the headers that steer it. */
export function decodeCall(exchange: Exchange, want: Call['want'], signal: CancelSignal): Call {
  const arrivedAt = { epochMs: Date.now(), monotonicMs: exchange.startedMs };
  const body = exchange.json();
  for (const key in body) {
    if (!(want === 'features' ? FEATURES_KEYS : PREDICT_KEYS).includes(key)) throw unknownKey(key, want);
  }
  const features = body['features'];
  const call: Call = {
    id: exchange.id,
    model: exchange.model,
    want,
    ...decodeBody(body),
    arrivedAt,
    signal,
  };
  if (features !== undefined) call.features = featureNames(features);
  const { headers } = exchange.request;
  const timeout = headers['x-request-timeout-ms'];
  if (timeout !== undefined) call.deadlineMs = timeoutMs(timeout);
  const priority = headers['x-priority'];
  if (typeof priority === 'string') call.priority = priority;
  const trace = headers['traceparent'];
  if (typeof trace === 'string' && TRACEPARENT.test(trace)) call.trace = trace;
  return call;
}

function featureNames(given: unknown): readonly string[] {
  if (Array.isArray(given) && given.length > 0 && given.every((name) => typeof name === 'string')) return given;
  throw invalid('features', 'must be a list of feature names');
}

function timeoutMs(header: string | string[]): number {
  const ms = typeof header === 'string' && DECIMAL.test(header) ? Number(header) : Number.NaN;
  if (!(ms > 0)) throw invalid('X-Request-Timeout-Ms', 'must be milliseconds above 0');
  return ms;
}

function unknownKey(key: string, want: Call['want']): AppError {
  const near = nearestName(key, want === 'features' ? FEATURES_KEYS : PREDICT_KEYS);
  return invalid(
    key,
    near === undefined ? 'is not a key of a request' : `is not a key of a request, did you mean "${near}"?`,
  );
}
