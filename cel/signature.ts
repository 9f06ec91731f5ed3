import { CEL_TYPES } from './cel-type.ts';
import type { CelType } from './cel-type.ts';

/** `string.contains(string): bool` taken apart; `operands` are the receiver, where there is one, and the arguments. */
export interface Signature {
  name: string;
  isMethod: boolean;
  operands: readonly CelType[];
  result: CelType;
}

/** The parts of a signature; throws for one that is not written as it should be, at start-up. */
export function readSignature(text: string): Signature {
  const match = /^(?:(\w+)\.)?(\w+)\(([\w, ]*)\): (\w+)$/.exec(text);
  if (!match) throw new Error(`not a signature: ${text}`);
  const [, receiver, name, parameters, result] = match as unknown as [
    string,
    string | undefined,
    string,
    string,
    string,
  ];
  const operands = [...(receiver === undefined ? [] : [receiver]), ...parameters.split(', ').filter(Boolean)];
  return { name, isMethod: receiver !== undefined, operands: operands.map(readType), result: readType(result) };
}

function readType(text: string): CelType {
  const type = CEL_TYPES.find((known) => known === text);
  if (type === undefined) throw new Error(`not a type of CEL here: ${text}`);
  return type;
}
