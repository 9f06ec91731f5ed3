import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The version of this package, from the package.json that this file belongs to; empty where there is none. */
export function packageVersion(): string {
  const file = findPackageJSON(import.meta.url);
  if (file === undefined) return '';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
