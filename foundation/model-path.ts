import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The absolute path of a `modelUri`, a path relative to `folder` or a file: URL; undefined: an address of another kind. */
export function localModelPath(folder: string, uri: string): string | undefined {
  if (uri.startsWith('file:')) return resolve(folder, fileURLToPath(uri));
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(uri) ? undefined : resolve(folder, uri);
}
