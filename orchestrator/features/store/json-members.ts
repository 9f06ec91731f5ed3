import { codeOf } from '../../../foundation/code-of.ts';
import type { RowBlock } from '../row-block.ts';
import type { FieldSpec } from '../source.ts';

/** Lays down one value of a row, of whatever type it is. */
type LayValue = (value: unknown, field: number, block: RowBlock, row: number) => void;

/** Lays down the fields of a row as `lay` would, which it may do itself for numbers that need no look. */
type LayMembers = (object: Record<string, unknown>, block: RowBlock, row: number, lay: LayValue) => void;

/**
 * How the planned fields of a row are read. JSON.parse is the cost: for fifty doubles 2.9 µs. To look for each by a name
 * in a variable is 0.7 µs more, as all names share one place in the code and V8 remembers for none where it is; in code
 * that spells them, made when the store is opened, it does, and they are 0.1 µs. Where a process may make no code of
 * texts (`--disallow-code-generation-from-strings`) the names are looked for.
 */
export function membersLayer(fields: readonly FieldSpec[]): LayMembers {
  const spelled = codeOf(['object', 'block', 'row', 'lay'], sourceOf(fields)) as LayMembers | undefined;
  if (spelled !== undefined) return spelled;
  return (object, block, row, lay) => {
    for (const [at, { name }] of fields.entries()) {
      lay(Object.hasOwn(object, name) ? object[name] : undefined, at, block, row);
    }
  };
}

/**
 * Of a field `year` of type double, the third:
 *
 *     value = object["year"];
 *     if (Number.isFinite(value)) values[2][row] = value;
 *     else lay(value, 2, block, row);
 */
function sourceOf(fields: readonly FieldSpec[]): string {
  const lines = fields.map(({ name, type }, at) => {
    const member = `object[${JSON.stringify(name)}]`;
    // A name that every object inherits (`constructor`) is absent unless the row itself has it.
    const value =
      name in Object.prototype ? `Object.hasOwn(object, ${JSON.stringify(name)}) ? ${member} : undefined` : member;
    const lay = `lay(value, ${at}, block, row);`;
    return type === 'double'
      ? `value = ${value};\nif (Number.isFinite(value)) values[${at}][row] = value;\nelse ${lay}`
      : `value = ${value};\n${lay}`;
  });
  return `const { values } = block.columns;\nlet value;\n${lines.join('\n')}`;
}
