import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { AppError } from '../../foundation/errors.ts';
import { packageVersion } from '../../foundation/package-version.ts';
import { templateFiles, type Template } from './template-files.ts';

/** What was made, as far as the next steps depend on it. */
export interface Project {
  /** What is to be run before anything else; undefined where Tandem is installed where the project finds it. */
  install: string | undefined;
}

const PACKAGE = 'tandem-serving';
const SCHEMA = `${PACKAGE}/config/schema.json`;
/** Node itself is an npm package: `npx tandem` finds this one before an older one of the machine. */
const NODE = '24';
/** Files that a folder may have already, and keeps. */
const KEPT = new Set(['.gitignore']);

/**
 * Writes a template into `folder`, an absolute path, making it where it is absent. A package.json is written only where
 * there is none and Tandem is not installed.
 * @throws AppError INVALID_INPUT, before anything is written, where a file would be overwritten (its message
 * names all), or `folder` is a file.
 */
export function writeProject(folder: string, template: Template): Project {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new AppError('INVALID_INPUT', `${basename(folder)} is no folder: name another one, tandem init DIR.`);
  }
  const files = templateFiles(template);
  const taken = [...files.keys()].filter((path) => existsSync(join(folder, path)));
  const lost = taken.filter((path) => !KEPT.has(path));
  if (lost.length > 0) {
    const named = `${basename(folder)} has ${lost.join(', ')} already`;
    throw new AppError('INVALID_INPUT', `${named}: nothing was written. Name another folder: tandem init DIR.`);
  }
  const modules = findModules(folder);
  for (const [path, content] of files) {
    if (taken.includes(path)) continue;
    write(join(folder, path), path === 'tandem.yaml' ? pointToSchema(content, folder, modules) : content);
  }
  if (modules !== undefined) return { install: undefined };
  if (existsSync(join(folder, 'package.json'))) return { install: `npm install ${PACKAGE} node@${NODE}` };
  write(join(folder, 'package.json'), packageJson());
  return { install: 'npm install' };
}

/** The `node_modules` that has Tandem, of `folder` or the nearest above it. */
function findModules(folder: string): string | undefined {
  const modules = join(folder, 'node_modules');
  if (existsSync(join(modules, PACKAGE, 'package.json'))) return modules;
  const above = dirname(folder);
  return above === folder ? undefined : findModules(above);
}

/** Editors find the schema by the first line, from the folder that the file is in. */
function pointToSchema(yaml: Buffer, folder: string, modules: string | undefined): string {
  const path = relative(folder, join(modules ?? join(folder, 'node_modules'), SCHEMA)).replaceAll(sep, '/');
  return yaml
    .toString()
    .replace(/(?<=^# yaml-language-server: \$schema=).*/, path.startsWith('.') ? path : `./${path}`);
}

function packageJson(): string {
  const dependencies = { node: `^${NODE}.0.0`, [PACKAGE]: `^${packageVersion()}` };
  return `${JSON.stringify({ private: true, type: 'module', dependencies }, null, 2)}\n`;
}

function write(file: string, content: Buffer | string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { flag: 'wx' });
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `${file} cannot be written (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
}
