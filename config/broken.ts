import type { Path } from './places.ts';

/**
 * The parts of a configuration that could not be read. What is said of the rest must not be their echo: a name that
 * may well be defined in a broken part is not called unknown.
 */
export class Broken {
  readonly #paths = new Set<string>();
  readonly #around = new Set<string>();
  readonly #lossy = new Set<string>();

  add(path: Path): void {
    this.#paths.add(keyOf(path));
    for (let length = 0; length <= path.length; length++) this.#around.add(keyOf(path.slice(0, length)));
  }

  /** The path, and text that may have held more: where the indentation is wrong, keys of what is round it. */
  addLost(path: Path): void {
    this.add(path);
    for (let length = 1; length <= path.length; length++) this.#lossy.add(keyOf(path.slice(0, length)));
  }

  get isEmpty(): boolean {
    return this.#paths.size === 0;
  }

  /** Whether the path, or something round it, could not be read. */
  covers(path: Path): boolean {
    return path.some((_, index) => this.#paths.has(keyOf(path.slice(0, index + 1)))) || this.#paths.has('');
  }

  /** Whether something at, below or round the path could not be read. */
  touches(path: Path): boolean {
    return this.#around.has(keyOf(path)) || this.covers(path);
  }

  /** Whether a key that the path lacks may stand in text that could not be read. */
  mayLack(path: Path): boolean {
    return this.covers(path) || this.#lossy.has(keyOf(path));
  }

  /** Whether a name of the scope (`instance.id`, `plane.year`, `plane_age`) may be defined in a broken part. */
  mayDefine(name: string): boolean {
    if (this.isEmpty) return false;
    const [root = '', member] = name.split('.', 2);
    if (root === 'instance' || root === 'request') return this.covers(['inputs', root, member ?? '']);
    if (member === undefined) return this.covers(['onDemand', name]) || this.covers(['views', name]);
    return this.covers(['views', root, 'fields', member]);
  }
}

/** A path as one text; U+0000 cannot be in YAML, so two paths never give the same. */
function keyOf(path: Path): string {
  return path.join('\0');
}
