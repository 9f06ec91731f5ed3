import { type Needs, rootOf } from './needs.ts';

/**
 * Whether a name of the scope has one value an object, which it has where it reaches an instance input through keys and
 * expressions; else it has one a request.
 */
export function readGrain({ inOrder, readsOf }: Needs): (name: string) => boolean {
  const perObject = new Set(['instance']);
  for (const name of inOrder) if (readsOf(name).some((read) => perObject.has(rootOf(read)))) perObject.add(name);
  return (name) => perObject.has(rootOf(name));
}
