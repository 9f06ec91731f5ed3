import { AppError } from '../../foundation/errors.ts';
import { isJsonObject } from '../../foundation/json-object.ts';
import type { Call, Instances, Parameters } from './call.ts';

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
