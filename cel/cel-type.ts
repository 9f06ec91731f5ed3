import type { ASTNode } from '@marcbachmann/cel-js';
import type { ScalarType } from './types.ts';

/** The types inside an expression: the scalars, where `int` is CEL's word for int64, and what `duration()` gives. */
export const CEL_TYPES = ['bool', 'int', 'double', 'string', 'timestamp', 'duration'] as const;
export type CelType = (typeof CEL_TYPES)[number];

/** A value at evaluation: bool 0/1, int, double, timestamp in epoch ms and duration in ms as number, NaN for null. */
export type Value = number | string | null;

export const isNull = (value: Value): value is null => value === null || value !== value;

/** The name by which the library knows a type. */
export function libraryType(type: CelType): string {
  if (type === 'timestamp') return 'google.protobuf.Timestamp';
  return type === 'duration' ? 'google.protobuf.Duration' : type;
}

/** A type of the library as this project says it: also `null`, `list<int>` and others that no value here can have. */
export function spokenType(type: string): string {
  return type.replaceAll('google.protobuf.Timestamp', 'timestamp').replaceAll('google.protobuf.Duration', 'duration');
}

export const celTypeOf = (type: ScalarType): CelType => (type === 'int64' ? 'int' : type);

/** The column type of an expression's result; undefined for what no column can hold. */
export function scalarTypeOf(type: string): ScalarType | undefined {
  if (type === 'int') return 'int64';
  return type === 'bool' || type === 'double' || type === 'string' || type === 'timestamp' ? type : undefined;
}

/**
 * The type the checker found for a node, as this project says it; undefined where it did not come so far. The library
 * leaves it on the node (`checkedType`, which its own evaluator reads too) but not in its typings.
 */
export function typeOf(node: ASTNode): string | undefined {
  const { checkedType } = node as { checkedType?: { name: string } };
  return checkedType && spokenType(checkedType.name);
}
