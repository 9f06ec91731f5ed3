import { readdirSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

/** Templates by the name that `--template` takes; each adds to what all of them have. */
export const TEMPLATES = ['predictor', 'onnx'] as const;
export type Template = (typeof TEMPLATES)[number];

/** What every template has: the data and the request. */
const SHARED = 'articles';
/** npm leaves a `.gitignore` out of packages, so it is kept under another name. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore' };

/** The files of a template by their path in the project. */
export function templateFiles(template: Template): Map<string, Buffer> {
  const root = join(dirname(findPackageJSON(import.meta.url) ?? ''), 'templates');
  return new Map([...filesOf(join(root, SHARED)), ...filesOf(join(root, template))]);
}

function filesOf(folder: string): [string, Buffer][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = relative(folder, file).replaceAll(sep, '/');
      return [RENAMED[path] ?? path, readFileSync(file)];
    });
}
