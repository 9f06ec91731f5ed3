import { AppError } from '../foundation/errors.ts';
import type { ModelRepositoryParameter } from './messages.ts';

/** The parameter of RepositoryModelLoad that names the features a model will be sent. */
const FEATURES = 'tandem.features';

/** A feature as the two sides agree on it when a model is loaded. `type` is one of the types of tandem.yaml. */
export interface NamedFeature {
  name: string;
  type: string;
}

/** Parameters of RepositoryModelLoad: the features in their order, as JSON text `[{"name","type"}]`. */
export function loadParameters(features: readonly NamedFeature[]): Record<string, ModelRepositoryParameter> {
  const named = features.map(({ name, type }) => ({ name, type }));
  return { [FEATURES]: { string_param: JSON.stringify(named) } };
}

/** The features that a RepositoryModelLoad names; undefined where it names none. Throws INVALID_INPUT. */
export function readLoadParameters(
  parameters: Record<string, ModelRepositoryParameter> | undefined,
): NamedFeature[] | undefined {
  const text = parameters?.[FEATURES]?.string_param;
  if (text === undefined) return undefined;
  const features = parseJson(text);
  if (!Array.isArray(features) || !features.every(isNamedFeature)) {
    throw new AppError('INVALID_INPUT', `The parameter ${FEATURES} is not a list of names and types.`);
  }
  return features;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `The parameter ${FEATURES} is not JSON.`, { cause });
  }
}

function isNamedFeature(value: unknown): value is NamedFeature {
  if (typeof value !== 'object' || value === null) return false;
  const { name, type } = value as Record<string, unknown>;
  return typeof name === 'string' && typeof type === 'string';
}
