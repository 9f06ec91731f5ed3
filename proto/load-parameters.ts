import { createHash } from 'node:crypto';
import { AppError } from '../foundation/errors.ts';
import type { ModelRepositoryParameter } from './messages.ts';

/** The parameters of RepositoryModelLoad that say what a model will be sent: the features, and how they travel. */
const FEATURES = 'tandem.features';
const TENSORS = 'tandem.tensors';
const DTYPE = 'tandem.dtype';

/** The header of ModelStreamInfer that names, by `loadKey`, the load which the stream's calls are laid out for. */
export const LOAD_HEADER = 'tandem-load';

/** A feature as the two sides agree on it when a model is loaded. `type` is one of the types of tandem.yaml. */
interface NamedFeature {
  name: string;
  type: string;
  /** What carries it: BYTES for a string that has no categories. Absent: as the wrapper's own file has it. */
  datatype?: string;
  /** What tells its list of categories from another (`codesKey`): a model may have been saved anew with other codes. */
  codes?: string;
}

/** The layout of a model's calls. What is absent is as the wrapper's own file has it. */
export interface Layout {
  features: readonly NamedFeature[];
  tensors?: 'matrix' | 'columns';
  dtype?: 'float64' | 'float32';
}

type Parameters = Record<string, ModelRepositoryParameter>;

/** Parameters of RepositoryModelLoad: the features in their order as JSON text `[{"name","type","datatype","codes"}]`. */
export function loadParameters({ features, tensors, dtype }: Layout): Parameters {
  const named = features.map(({ name, type, datatype, codes }) => ({
    name,
    type,
    ...(datatype && { datatype }),
    ...(codes && { codes }),
  }));
  return {
    [FEATURES]: { string_param: JSON.stringify(named) },
    ...(tensors && { [TENSORS]: { string_param: tensors } }),
    ...(dtype && { [DTYPE]: { string_param: dtype } }),
  };
}

/** The layout that a RepositoryModelLoad asks for; undefined where it names no features. Throws INVALID_INPUT. */
export function readLoadParameters(parameters: Parameters | undefined): Layout | undefined {
  const text = parameters?.[FEATURES]?.string_param;
  if (text === undefined) return undefined;
  const features = parseJson(text);
  if (!Array.isArray(features) || !features.every(isNamedFeature)) {
    throw new AppError('INVALID_INPUT', `The parameter ${FEATURES} is not a list of names and types.`);
  }
  const tensors = oneOf(TENSORS, ['matrix', 'columns'] as const, parameters?.[TENSORS]?.string_param);
  const dtype = oneOf(DTYPE, ['float64', 'float32'] as const, parameters?.[DTYPE]?.string_param);
  return { features, ...(tensors && { tensors }), ...(dtype && { dtype }) };
}

/** Both sides make the same name of the same load: calls of two layouts can then never be taken for one another. */
export function loadKey(parameters: Parameters): string {
  const texts = [FEATURES, TENSORS, DTYPE].map((name) => parameters[name]?.string_param ?? '');
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `The parameter ${FEATURES} is not JSON.`, { cause });
  }
}

function oneOf<T extends string>(name: string, known: readonly T[], text: string | undefined): T | undefined {
  const found = known.find((each) => each === text);
  if (text === undefined || found !== undefined) return found;
  throw new AppError('INVALID_INPUT', `The parameter ${name} is one of ${known.join(', ')}.`);
}

function isNamedFeature(value: unknown): value is NamedFeature {
  if (typeof value !== 'object' || value === null) return false;
  const { name, type, datatype } = value as Record<string, unknown>;
  return (
    typeof name === 'string' && typeof type === 'string' && (datatype === undefined || typeof datatype === 'string')
  );
}
