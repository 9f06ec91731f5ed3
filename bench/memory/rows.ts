/** A tenth of the keys have no row. */
const ABSENT = 10;

/** The row of a key, which any process can make: `number` is the key itself. Undefined where there is none. */
export function rowOf(id: number): { id: number; number: number; text: string; a: number; b: number } | undefined {
  return id % ABSENT === 0 ? undefined : { id, number: id, text: `t${id % 3}`, a: id / 7, b: -id };
}
