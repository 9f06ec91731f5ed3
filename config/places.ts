import { isCollection, isScalar, type Node } from 'yaml';
import type { Place } from './checked.ts';
import { offsetInSource } from './scalar-source.ts';
import type { Source } from './source.ts';

export type Path = readonly (string | number)[];

/** A path as a reader names it: `` `server.http.port` ``, `` `models.risk.features[2]` ``. */
export function nameOf(path: Path): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return `\`${text.replace(/^\./, '')}\``;
}

/** Where one value stands: its file, its key (none in a list), its node, and whether `${ENV}` made its text. */
export interface Entry {
  source: Source;
  key: number | undefined;
  node: Node | null;
  substituted: boolean;
  /** What stands below, by key or index; undefined for a scalar. */
  below: Map<string | number, Entry> | undefined;
}

/** Where every key and value of a configuration stands, by path, whatever file it came from. */
export class Places {
  readonly #root: Entry;

  constructor(root: Entry) {
    this.#root = root;
  }

  /** Whether a file says something at the path; what only a default put there is in no file. */
  has(path: Path): boolean {
    return this.#find(path) !== undefined;
  }

  /** Forgets the path: what stood there was no value. */
  delete(path: Path): void {
    const last = path.at(-1);
    if (last !== undefined) this.#find(path.slice(0, -1))?.below?.delete(last);
  }

  isSubstituted(path: Path): boolean {
    return this.#find(path)?.substituted ?? false;
  }

  /** Where a scalar begins, or the key of a map or list; for what no file says, the nearest thing round it. */
  at(path: Path): Place {
    return placeOf(this.#nearest(path));
  }

  /** Where the key at the path stands. */
  atKey(path: Path): Place {
    return keyPlaceOf(this.#nearest(path));
  }

  /** Where character `offset` of the scalar at the path stands; its beginning where the text is not as in the file. */
  inText(path: Path, offset: number): Place {
    const entry = this.#find(path);
    if (!entry || entry.substituted || !isScalar(entry.node) || !entry.node.range) return this.at(path);
    const { range, value } = entry.node;
    const [start, end] = range;
    return entry.source.at(start + offsetInSource(entry.source.text.slice(start, end), String(value), offset));
  }

  /** A number as the file writes it (`1.0`, which as a number would print as `1`); undefined for all else. */
  numberSource(path: Path): string | undefined {
    const node = this.#find(path)?.node;
    return isScalar(node) && typeof node.value === 'number' ? node.source : undefined;
  }

  #find(path: Path): Entry | undefined {
    let entry: Entry | undefined = this.#root;
    for (const step of path) entry = entry?.below?.get(step);
    return entry;
  }

  #nearest(path: Path): Entry {
    let entry = this.#root;
    for (const step of path) {
      const next = entry.below?.get(step);
      if (!next) break;
      entry = next;
    }
    return entry;
  }
}

/** Where an entry's scalar begins, or the key of its map or list. */
export function placeOf({ source, key, node }: Entry): Place {
  const ofKey = isCollection(node) || isEmpty(node);
  return source.at((ofKey ? key : undefined) ?? node?.range?.[0] ?? key ?? 0);
}

/** Where an entry's key stands; of a list's item, the item. */
export function keyPlaceOf(entry: Entry): Place {
  return entry.key === undefined ? placeOf(entry) : entry.source.at(entry.key);
}

/** Whether nothing is written where a value could be, which is not the empty string `""`. */
export function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null && node.source === '');
}
