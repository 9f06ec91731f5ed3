import { isCollection, isScalar, type LineCounter, type Node } from 'yaml';
import type { Place } from './checked.ts';
import { offsetInSource } from './scalar-source.ts';

export type Path = readonly (string | number)[];

/** Where one value of the file stands: its key (none in a list), its node, and whether `${ENV}` made its text. */
export interface Entry {
  key: number | undefined;
  node: Node | null;
  substituted: boolean;
}

/** Where every key and value of a file stands, by path. */
export class Places {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #entries = new Map<string, Entry>();

  constructor(file: string, text: string, lines: LineCounter) {
    this.#file = file;
    this.#text = text;
    this.#lines = lines;
  }

  /** An offset of the file's text as line and column. */
  atOffset(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  set(path: Path, entry: Entry): void {
    this.#entries.set(keyOf(path), entry);
  }

  /** Whether the file says something at the path; what only a default put there is not in the file. */
  has(path: Path): boolean {
    return this.#entries.has(keyOf(path));
  }

  isSubstituted(path: Path): boolean {
    return this.#entries.get(keyOf(path))?.substituted ?? false;
  }

  /** Where a scalar begins, or the key of a map or list; for what the file does not say, the nearest thing round it. */
  at(path: Path): Place {
    const entry = this.#nearest(path);
    if (!entry) return this.atOffset(0);
    const start = entry.node?.range?.[0];
    const ofKey = isCollection(entry.node) || isEmpty(entry.node);
    return this.atOffset((ofKey ? entry.key : undefined) ?? start ?? entry.key ?? 0);
  }

  /** Where the key at the path stands. */
  atKey(path: Path): Place {
    const key = this.#nearest(path)?.key;
    return key === undefined ? this.at(path) : this.atOffset(key);
  }

  /** Where character `offset` of the scalar at the path stands; its beginning where the text is not as in the file. */
  inText(path: Path, offset: number): Place {
    const entry = this.#entries.get(keyOf(path));
    if (!entry || entry.substituted || !isScalar(entry.node) || !entry.node.range) return this.at(path);
    const [start, end] = entry.node.range;
    return this.atOffset(start + offsetInSource(this.#text.slice(start, end), offset));
  }

  /** A number as the file writes it (`1.0`, which as a number would print as `1`); undefined for all else. */
  numberSource(path: Path): string | undefined {
    const node = this.#entries.get(keyOf(path))?.node;
    return isScalar(node) && typeof node.value === 'number' ? node.source : undefined;
  }

  #nearest(path: Path): Entry | undefined {
    for (let length = path.length; length > 0; length--) {
      const entry = this.#entries.get(keyOf(path.slice(0, length)));
      if (entry) return entry;
    }
    return undefined;
  }
}

/** A path as one text; U+0000 cannot be in YAML, so two paths never give the same. */
function keyOf(path: Path): string {
  return path.join('\0');
}

/** Whether nothing is written where a value could be, which is not the empty string `""`. */
export function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null && node.source === '');
}
