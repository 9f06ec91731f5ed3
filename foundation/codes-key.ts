import { createHash } from 'node:crypto';

/** A short name for a list of categories in its order: a model is loaded for the codes that they have. */
export function codesKey(categories: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(categories)).digest('hex').slice(0, 8);
}
