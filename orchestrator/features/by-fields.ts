import type { FieldSpec } from './source.ts';

/** What is compiled for a list of fields, once for each list: a step of a plan has one list for good. */
export function byFields<T>(compile: (fields: readonly FieldSpec[]) => T): (fields: readonly FieldSpec[]) => T {
  const compiled = new WeakMap<readonly FieldSpec[], T>();
  return (fields) => {
    let found = compiled.get(fields);
    if (found === undefined) compiled.set(fields, (found = compile(fields)));
    return found;
  };
}
