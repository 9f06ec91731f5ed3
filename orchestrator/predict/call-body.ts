import { AppError } from '../../foundation/errors.ts';
import { isJsonObject } from '../../foundation/json-object.ts';
import { nearestName } from '../../foundation/nearest.ts';
import type { Call, Instances, Parameters } from './call.ts';

const PREDICT_KEYS = ['instances', 'inputs', 'request', 'parameters'];
const FEATURES_KEYS = [...PREDICT_KEYS, 'features'];

type CallBody = Pick<Call, 'request' | 'instances' | 'parameters' | 'features'>;

/** The text of a V1 request: what it says of a call that wants this. Throws INVALID_INPUT, also for keys that it has not. */
export function decodeCallBody(text: string, want: Call['want']): CallBody {
  const body = parseJsonBody(text);
  for (const key in body) {
    if (!(want === 'features' ? FEATURES_KEYS : PREDICT_KEYS).includes(key)) throw unknownKey(key, want);
  }
  const decoded: CallBody = decodeBody(body);
  const { features } = body;
  if (features !== undefined) decoded.features = featureNames(features);
  return decoded;
}

/** The parsed JSON body, whatever the Content-Type says: clients of the serving protocols often send none. */
export function parseJsonBody(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The body is not valid JSON.', { cause });
  }
  if (!isJsonObject(body)) throw new AppError('INVALID_INPUT', 'The body must be a JSON object.');
  return body;
}

/** What a V1 body says of a call: row objects (`instances`) or one list an input (`inputs`). Throws INVALID_INPUT. */
export function decodeBody(body: Record<string, unknown>): Pick<Call, 'request' | 'instances' | 'parameters'> {
  return {
    request: objectAt(body, 'request'),
    instances: decodeInstances(body),
    parameters: decodeParameters(objectAt(body, 'parameters')),
  };
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

/** A field of a request that is not as it must be. */
export function invalid(field: string, problem: string): AppError {
  return new AppError('INVALID_INPUT', `${field} ${problem}.`, { details: [{ field, problem }] });
}

function unknownKey(key: string, want: Call['want']): AppError {
  const near = nearestName(key, want === 'features' ? FEATURES_KEYS : PREDICT_KEYS);
  return invalid(
    key,
    near === undefined ? 'is not a key of a request' : `is not a key of a request, did you mean "${near}"?`,
  );
}
