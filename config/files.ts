import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { formatSize } from '../foundation/duration.ts';
import { isJsonObject } from '../foundation/json-object.ts';
import type { Broken } from './broken.ts';
import type { Place } from './checked.ts';
import { readDocument } from './document.ts';
import type { Environment } from './environment.ts';
import { addShared, overlay, SHARED } from './merge.ts';
import { placeOf } from './places.ts';
import type { Problems } from './problems.ts';
import { readTree, type Tree } from './tree.ts';

const MAX_FILES = 200;
/** Far above any honest file; more would hold up whoever checks it. */
const MAX_FILE_BYTES = 4 * 1024 ** 2;

/** Reads the files of one configuration: each once, its includes with it. */
export class Files {
  readonly #environment: Environment;
  readonly #problems: Problems;
  readonly #broken: Broken;
  /** Absolute paths of all files that were read or looked for, in the order of reading. */
  readonly read: string[] = [];

  constructor(environment: Environment, problems: Problems, broken: Broken) {
    this.#environment = environment;
    this.#problems = problems;
    this.#broken = broken;
  }

  /** A file with its overlays over it; undefined where the file itself cannot be read. `text` stands for its content. */
  readMerged(file: string, overlays: readonly string[], text?: string): Tree | undefined {
    const base = this.#readWhole(file, text);
    for (const each of overlays) {
      const over = this.#readWhole(each);
      if (base && over && isJsonObject(base.data) && this.#isMap(over)) overlay(base, over);
    }
    return base;
  }

  #readWhole(
    file: string,
    text = this.readText(file, { file, line: 1, column: 1 }, 'FILE_UNREADABLE'),
  ): Tree | undefined {
    if (text === undefined) return undefined;
    return this.#readWithIncludes(file, text, []);
  }

  #readWithIncludes(file: string, text: string, inside: readonly string[]): Tree {
    const path = this.note(file);
    const document = readDocument(text, file, this.#problems, this.#broken);
    const tree = readTree(document, this.#environment, this.#problems, this.#broken);
    for (const included of this.#includesOf(tree, file, [...inside, path])) {
      if (this.#isMap(included)) addShared(tree, included, this.#problems);
    }
    return tree;
  }

  #includesOf({ data, entry }: Tree, file: string, inside: readonly string[]): Tree[] {
    const list = isJsonObject(data) ? data['include'] : undefined;
    if (!Array.isArray(list)) return [];
    return list.flatMap((name: unknown, index) => {
      const item = entry.below?.get('include')?.below?.get(index);
      if (typeof name !== 'string' || name === '' || !item) return [];
      const place = placeOf(item);
      const path = resolve(dirname(file), name);
      if (inside.includes(path)) {
        this.#problems.add(place, 'INCLUDE_CYCLE', `\`${name}\` includes itself, directly or through others`);
        return [];
      }
      // A file that two others share is read once.
      if (this.read.includes(path)) return [];
      if (this.read.length >= MAX_FILES) {
        this.#problems.add(place, 'INCLUDE_UNREADABLE', `more than ${MAX_FILES} files are included`);
        return [];
      }
      const text = this.readText(path, place, 'INCLUDE_UNREADABLE', name);
      // What it would have defined nobody knows.
      if (text === undefined) for (const section of SHARED) this.#broken.add([section]);
      return text === undefined ? [] : [this.#readWithIncludes(path, text, inside)];
    });
  }

  /** Whether a file can be merged into another; one that says nothing is no mistake. */
  #isMap({ data, entry }: Tree): boolean {
    if (isJsonObject(data)) return true;
    const isTold = data === null || data === undefined || this.#broken.covers([]);
    if (!isTold)
      this.#problems.add(placeOf(entry), 'WRONG_TYPE', `the file must be a map, as the one it is merged with`);
    return false;
  }

  /** The text of a file; undefined, and a problem at `place`, where it cannot be read. `name` is what the YAML calls it. */
  readText(file: string, place: Place, rule: Unreadable, name?: string): string | undefined {
    this.note(file);
    try {
      const problem = unfit(file);
      if (problem !== undefined) return this.#addUnreadable(place, rule, problem, name);
      const bytes = readFileSync(file);
      // No editor counts a byte order mark as a column.
      if (isUtf8(bytes)) return bytes.toString().replace(/^\uFEFF/, '');
      return this.#addUnreadable(place, rule, 'this is no text in UTF-8; save it as such', name);
    } catch (error) {
      return this.#addUnreadable(place, rule, unreadable((error as NodeJS.ErrnoException).code), name);
    }
  }

  /** Puts a file among those that were looked at; its absolute path. */
  note(file: string): string {
    const path = resolve(file);
    if (!this.read.includes(path)) this.read.push(path);
    return path;
  }

  #addUnreadable(place: Place, rule: Unreadable, problem: string, name: string | undefined): undefined {
    this.#problems.add(place, rule, name === undefined ? problem : `\`${name}\`: ${problem}`);
    return undefined;
  }
}

type Unreadable = 'FILE_UNREADABLE' | 'INCLUDE_UNREADABLE' | 'CATEGORIES_FILE';

/** Why what is there is not read at all: a pipe or a device may never end. Throws where nothing is there. */
function unfit(file: string): string | undefined {
  const found = statSync(file);
  if (found.isDirectory()) return UNREADABLE['EISDIR'];
  if (!found.isFile()) return 'this is no file but a pipe, socket or device';
  if (found.size > MAX_FILE_BYTES) return `the file is larger than ${formatSize(MAX_FILE_BYTES)}`;
  return undefined;
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the file may not be read by this user',
  EISDIR: 'this is a folder; name the file in it',
};

function unreadable(code = 'unknown reason'): string {
  return UNREADABLE[code] ?? `the file cannot be read (${code})`;
}
