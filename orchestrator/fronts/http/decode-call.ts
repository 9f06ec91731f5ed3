import type { CancelSignal } from '../../../foundation/cancel-signal.ts';
import { AppError } from '../../../foundation/errors.ts';
import { isJsonObject } from '../../../foundation/json-object.ts';
import { nearestName } from '../../../foundation/nearest.ts';
import type { Call, Instances, Parameters } from '../../predict/call.ts';
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
    request: objectAt(body, 'request'),
    instances: decodeInstances(body),
    parameters: decodeParameters(objectAt(body, 'parameters')),
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

function decodeInstances(body: Record<string, unknown>): Instances {
  const { instances, inputs } = body;
  if (instances !== undefined && inputs !== undefined)
    throw invalid('instances', 'send either "instances" or "inputs"');
  if (Array.isArray(instances)) return { objects: instances };
  if (instances !== undefined) throw invalid('instances', 'must be a list of objects');
  if (inputs === undefined) throw invalid('instances', 'is required: a list of objects');
  const columns = objectAt(body, 'inputs');
  const [first] = Object.values(columns);
  if (!Array.isArray(first)) throw invalid('inputs', 'must hold a list with one value an instance for each input');
  return { rows: first.length, columns };
}

function decodeParameters(given: Readonly<Record<string, unknown>>): Parameters {
  const { timing, degraded, topK, drop } = given;
  if (timing !== undefined && typeof timing !== 'boolean') throw invalid('parameters.timing', 'must be true or false');
  if (degraded !== undefined && degraded !== 'full') throw invalid('parameters.degraded', 'must be "full"');
  if (topK !== undefined && !(Number.isInteger(topK) && (topK as number) > 0)) {
    throw invalid('parameters.topK', 'must be a whole number above 0');
  }
  if (drop !== undefined && !(Array.isArray(drop) && drop.every((name) => typeof name === 'string'))) {
    throw invalid('parameters.drop', 'must be a list of names of features, such as "plane.seats" or "plane.*"');
  }
  return given;
}

function featureNames(given: unknown): readonly string[] {
  if (Array.isArray(given) && given.length > 0 && given.every((name) => typeof name === 'string')) return given;
  throw invalid('features', 'must be a list of feature names');
}

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

function objectAt(body: Record<string, unknown>, key: string): Readonly<Record<string, unknown>> {
  const value = body[key];
  if (value === undefined || value === null) return NOTHING;
  if (!isJsonObject(value)) throw invalid(key, 'must be an object');
  return value;
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

function invalid(field: string, problem: string): AppError {
  return new AppError('INVALID_INPUT', `${field} ${problem}.`, { details: [{ field, problem }] });
}
