import { checkExpression } from '../../cel/check.ts';
import { compileExpression } from '../../cel/compile.ts';
import type { ScalarType, Values } from '../../cel/types.ts';

/** A name, its type and its value in one row; null is null. Bools and timestamps as they stand in columns. */
export type Given = Record<string, [type: ScalarType, value: number | string | null]>;

/** What a text gives over one row of columns; throws with the problems of one that does not check. */
export function evaluateText(text: string, given: Given = {}, timezone?: string): number | string | null {
  const names = Object.keys(given);
  const scope = new Map(names.map((name) => [name, given[name][0]]));
  const columns = names.map((name): Values => {
    const [type, value] = given[name];
    if (type === 'string') return [value === null ? null : String(value)];
    return Float64Array.of(value === null ? Number.NaN : Number(value));
  });
  const { checked, problems } = checkExpression(text, scope, { timezone });
  if (!checked) throw new Error(`${text}: ${problems.map(({ message }) => message).join('; ')}`);
  const slotOf = (name: string) => ({ slot: names.indexOf(name), perInstance: true });
  return compileExpression(checked, slotOf, { timezone })(columns, 0);
}

export const at = (text: string): number => Date.parse(text);
