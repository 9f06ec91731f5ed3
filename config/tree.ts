import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Broken } from './broken.ts';
import type { ReadDocument } from './document.ts';
import { type Environment, substitute } from './environment.ts';
import { type Entry, isEmpty, keyPlaceOf, type Path, placeOf } from './places.ts';
import type { Problems } from './problems.ts';
import type { Rule } from './rules.ts';

/** How many values aliases may add to a file: enough for any honest use, little for an alias bomb. */
const MAX_ALIASED_VALUES = 10_000;

/** Tags of the core schema; the parser tells any other. */
const CORE_TAGS = new Set(
  ['map', 'seq', 'str', 'null', 'bool', 'int', 'float'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** A file, or a part of one, as plain data with the places of all its keys and values. */
export interface Tree {
  data: unknown;
  entry: Entry;
}

/** The document as plain data with `${ENV}` replaced; what can be no data of ours goes to the problems. */
export function readTree(document: ReadDocument, environment: Environment, problems: Problems, broken: Broken): Tree {
  return new TreeReader(document, environment, problems, broken).read([], undefined, document.contents);
}

class TreeReader {
  readonly #document: ReadDocument;
  readonly #environment: Environment;
  readonly #problems: Problems;
  readonly #broken: Broken;
  /** The maps and lists that the reader is inside of: a value never stands in itself. */
  readonly #open = new Set<Node>();
  #aliasDepth = 0;
  #aliased = 0;

  constructor(document: ReadDocument, environment: Environment, problems: Problems, broken: Broken) {
    this.#document = document;
    this.#environment = environment;
    this.#problems = problems;
    this.#broken = broken;
  }

  read(path: Path, key: number | undefined, node: Node | null): Tree {
    if (isAlias(node)) return this.#readAlias(path, key, node);
    if (this.#aliasDepth > 0) this.#aliased++;
    if (node?.tag !== undefined && !CORE_TAGS.has(node.tag)) this.#broken.add(path);
    const text = isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
    const entry = this.#entry(key, node, text?.includes('${') ?? false);
    if (text !== undefined) return { data: entry.substituted ? this.#substitute(path, entry, text) : text, entry };
    if (isScalar(node) || node === null) return { data: node?.value ?? null, entry };
    this.#open.add(node);
    const data = isMap(node)
      ? this.#readMap(path, node, entry)
      : isSeq(node)
        ? this.#readList(path, node, entry)
        : null;
    this.#open.delete(node);
    return { data, entry };
  }

  #entry(key: number | undefined, node: Node | null, substituted: boolean): Entry {
    return { source: this.#document.source, key, node, substituted, below: undefined };
  }

  #readList(path: Path, list: YAMLSeq, entry: Entry): unknown[] {
    entry.below = new Map();
    return list.items.map((item, index) => {
      const { data, entry: below } = this.read([...path, index], undefined, nodeOf(item));
      entry.below?.set(index, below);
      return data;
    });
  }

  #readAlias(path: Path, key: number | undefined, alias: Node): Tree {
    const target = this.#document.targets.get(alias);
    const problem = this.#aliasProblem(target);
    if (target === undefined || problem !== undefined) {
      const entry = this.#entry(key, alias, false);
      this.#problems.add(placeOf(entry), 'YAML_ALIAS', problem ?? 'the alias names no anchor above it');
      this.#broken.add(path);
      return { data: undefined, entry };
    }
    this.#aliasDepth++;
    const tree = this.read(path, key, target);
    this.#aliasDepth--;
    return tree;
  }

  #aliasProblem(target: Node | undefined): string | undefined {
    if (target === undefined) return undefined;
    if (this.#open.has(target)) return 'the alias stands inside of what it names';
    return this.#aliased > MAX_ALIASED_VALUES ? `aliases repeat more than ${MAX_ALIASED_VALUES} values` : undefined;
  }

  #readMap(path: Path, map: YAMLMap, entry: Entry): Record<string, unknown> {
    const data: Record<string, unknown> = {};
    const entries = new Map<string, Entry>();
    entry.below = entries;
    for (const pair of map.items) {
      const name = this.#keyName(path, pair);
      if (name === undefined) continue;
      const start = nodeOf(pair.key)?.range?.[0];
      const first = entries.get(name);
      if (first) {
        const { line } = keyPlaceOf(first);
        this.#addAt(start, 'DUPLICATE_KEY', `\`${name}\` is written twice, first on line ${line}`);
        continue;
      }
      const value = nodeOf(pair.value);
      const below = [...path, name];
      const tree = this.read(below, start, value);
      entries.set(name, tree.entry);
      data[name] = isEmpty(value) ? this.#readEmpty(below, tree.entry) : tree.data;
    }
    return data;
  }

  /** Nothing stands behind the key: a problem, unless what stood there was broken and is told already. */
  #readEmpty(path: Path, entry: Entry): undefined {
    if (!this.#broken.touches(path)) {
      const text = `\`${path.at(-1)}\` has no value: give it one, or take the key out`;
      this.#problems.add(keyPlaceOf(entry), 'EMPTY_VALUE', text);
    }
    this.#broken.add(path);
    return undefined;
  }

  /** A key as the file writes it; undefined, and a problem, for what can be no key of ours. */
  #keyName(path: Path, pair: Pair): string | undefined {
    const key = nodeOf(pair.key);
    const start = key?.range?.[0] ?? nodeOf(pair.value)?.range?.[0];
    if (!isScalar(key)) {
      this.#addAt(start, 'YAML_SYNTAX', 'a key is a plain name, not a list, a map or an alias');
      return undefined;
    }
    const name = key.source ?? String(key.value);
    if (name === '<<') {
      this.#addAt(
        start,
        'MERGE_KEY',
        '`<<` merges nothing in YAML 1.2: write the keys out, or name the whole value by an alias',
      );
      return undefined;
    }
    if (name === '__proto__') {
      this.#addAt(start, 'UNKNOWN_KEY', `\`__proto__\` can be no key${path.length === 0 ? '' : ' and no name'}`);
      return undefined;
    }
    return name;
  }

  #addAt(offset: number | undefined, rule: Rule, message: string): void {
    this.#problems.add(this.#document.source.at(offset ?? 0), rule, message);
  }

  /** Undefined where something is wrong, which is then the only problem told of this value. */
  #substitute(path: Path, entry: Entry, text: string): string | undefined {
    const substitution = substitute(text, this.#environment);
    if (substitution.problems.length === 0) return substitution.text;
    for (const { rule, message } of substitution.problems) this.#problems.add(placeOf(entry), rule, message);
    this.#broken.add(path);
    return undefined;
  }
}

function nodeOf(item: unknown): Node | null {
  return isNode(item) ? item : null;
}
