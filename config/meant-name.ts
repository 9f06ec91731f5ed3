import { nearestName } from '../foundation/nearest.ts';

/** The name meant by one that nothing has: a near one, or one of an input, view or field with the same last word. */
export function meantName(name: string, known: readonly string[]): string | undefined {
  const near = nearestName(name, known);
  if (near !== undefined) return near;
  const last = name.slice(name.lastIndexOf('.') + 1);
  return known.find((each) => each.endsWith(`.${last}`));
}
