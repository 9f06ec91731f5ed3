import { createHash } from 'node:crypto';
import type { CheckedConfig, CheckedFunction } from './checked.ts';
import { reachedFrom, readNeeds } from './needs.ts';
import type { ScalarType } from '../cel/types.ts';

/** A function that a model needs, directly or through what it reads. */
export interface ModelFunction extends CheckedFunction {
  /** The feature that it makes, and that one's type. */
  feature: string;
  type: ScalarType;
}

/** The functions of one model in the order of the file: what its process of functions hosts, and the orchestrator calls. */
export function functionsOf(checked: CheckedConfig, model: string): ModelFunction[] {
  if (checked.functions.size === 0) return [];
  const named = (checked.features.get(model) ?? []).map(({ from }) => from);
  const fallback = checked.fallbacks.get(model)?.reads ?? [];
  const needed = reachedFrom([...named, ...fallback], readNeeds(checked).readsOf);
  return Array.from(checked.functions)
    .filter(([feature]) => needed.has(feature))
    .map(([feature, each]) => ({ ...each, feature, type: checked.config.onDemand[feature].type }));
}

/** An argument as the column that carries it. */
interface ArgumentColumn {
  name: string;
  type: ScalarType;
  datatype: 'FP64' | 'BYTES';
}

/** The columns that these functions are called with, one an argument. */
export function argumentColumns(functions: readonly ModelFunction[]): ArgumentColumn[] {
  return functions.flatMap(({ feature, args }) =>
    args.map(({ name, expression: { type } }): ArgumentColumn => ({
      name: argumentColumn(feature, name),
      type,
      datatype: type === 'string' ? 'BYTES' : 'FP64',
    })),
  );
}

/** No name of an on-demand feature has a dot. */
export const argumentColumn = (feature: string, argument: string): string => `${feature}.${argument}`;

/** What the process of a model's functions is called on the wire, beside the model itself. */
export const functionsName = (model: string): string => `${model}.functions`;

/**
 * Where that process listens, as an address of the YAML. Other functions, or others of their arguments, are another
 * address: an orchestrator never calls a process that was started for other ones, and a reload finds the new process
 * beside the old.
 */
export function functionsAddress(model: string, functions: readonly ModelFunction[]): string {
  const parts = functions.map(({ feature, type, file, called, args }) => [
    [feature, type, file, called],
    args.map(({ name, expression }) => [name, expression.type]),
  ]);
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
  return `unix:${functionsName(model)}-${hash}.sock`;
}
