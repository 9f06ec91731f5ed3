import { codeOf } from '../../../foundation/code-of.ts';

/**
 * Lays the doubles of a row into their columns; `slots` is where its first slot lies. False where one of them is not
 * finite, which is to be told of each.
 */
export type ReadDoubles = (view: DataView, slots: number, columns: readonly Float64Array[], row: number) => boolean;

/** Beyond this a function is longer than V8 likes to optimise. */
const MOST_SPELLED = 500;

/** Reads these fields from these slots, in a loop that asks nothing else: a third of what a loop that does takes. */
export function doublesLoop(fields: Int32Array, slots: Int32Array): ReadDoubles {
  return (view, start, columns, row) => {
    let zeros = 0;
    for (let at = 0; at < fields.length; at++) {
      const double = view.getFloat64(start + 8 * slots[at], true);
      columns[fields[at]][row] = double;
      zeros += double - double; // NaN where it is not finite: a branch for each would be half as much again
    }
    return zeros === 0;
  };
}

/** The same with each field and slot spelled, two thirds of the loop; undefined where that cannot be, or is too much. */
export function spelledDoubles(fields: Int32Array, slots: Int32Array): ReadDoubles | undefined {
  if (fields.length > MOST_SPELLED) return undefined;
  const reads = Array.from(
    fields,
    (field, at) =>
      `double = view.getFloat64(slots + ${8 * slots[at]}, true);\n` +
      `columns[${field}][row] = double;\n` +
      `zeros += double - double;`,
  );
  const source = `let double;\nlet zeros = 0;\n${reads.join('\n')}\nreturn zeros === 0;`;
  return codeOf(['view', 'slots', 'columns', 'row'], source) as ReadDoubles | undefined;
}
