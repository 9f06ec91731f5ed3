import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { ReadDocument } from './document.ts';
import { type Environment, substitute } from './environment.ts';
import { isEmpty, type Path } from './places.ts';
import type { Report } from './report.ts';
import type { Rule } from './rules.ts';

/** How many values aliases may add to a file: enough for any honest use, little for an alias bomb. */
const MAX_ALIASED_VALUES = 10_000;

/** The document as plain data with `${ENV}` replaced; its places and problems go to the document's report. */
export function readTree(document: ReadDocument, environment: Environment): unknown {
  return new TreeReader(document, environment).read([], undefined, document.contents);
}

class TreeReader {
  readonly #targets: ReadDocument['targets'];
  readonly #report: Report;
  readonly #environment: Environment;
  /** The maps and lists that the reader is inside of: a value never stands in itself. */
  readonly #open = new Set<Node>();
  #aliasDepth = 0;
  #aliased = 0;

  constructor(document: ReadDocument, environment: Environment) {
    this.#targets = document.targets;
    this.#report = document.report;
    this.#environment = environment;
  }

  read(path: Path, key: number | undefined, node: Node | null): unknown {
    if (isAlias(node)) return this.#readAlias(path, key, node);
    if (this.#aliasDepth > 0) this.#aliased++;
    const text = isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
    const substituted = text?.includes('${') ?? false;
    this.#report.places.set(path, { key, node, substituted });
    if (text !== undefined) return substituted ? this.#substitute(path, text) : text;
    if (isScalar(node) || node === null) return node?.value ?? null;
    this.#open.add(node);
    const data = isMap(node) ? this.#readMap(path, node) : isSeq(node) ? this.#readList(path, node) : null;
    this.#open.delete(node);
    return data;
  }

  #readList(path: Path, list: YAMLSeq): unknown[] {
    return list.items.map((item, index) => this.read([...path, index], undefined, nodeOf(item)));
  }

  #readAlias(path: Path, key: number | undefined, alias: Node): unknown {
    const target = this.#targets.get(alias);
    const problem = this.#aliasProblem(target);
    if (target === undefined || problem !== undefined) {
      this.#report.places.set(path, { key, node: alias, substituted: false });
      this.#report.at(path, 'YAML_ALIAS', problem ?? 'the alias names no anchor above it');
      return undefined;
    }
    this.#aliasDepth++;
    const value = this.read(path, key, target);
    this.#aliasDepth--;
    return value;
  }

  #aliasProblem(target: Node | undefined): string | undefined {
    if (target === undefined) return undefined;
    if (this.#open.has(target)) return 'the alias stands inside of what it names';
    return this.#aliased > MAX_ALIASED_VALUES ? `aliases repeat more than ${MAX_ALIASED_VALUES} values` : undefined;
  }

  #readMap(path: Path, map: YAMLMap): Record<string, unknown> {
    const data: Record<string, unknown> = {};
    for (const pair of map.items) {
      const name = this.#keyName(path, pair);
      if (name === undefined) continue;
      const below = [...path, name];
      const start = nodeOf(pair.key)?.range?.[0];
      if (Object.hasOwn(data, name)) {
        const first = this.#report.places.atKey(below).line;
        this.#addAt(start, 'DUPLICATE_KEY', `\`${name}\` is written twice, first on line ${first}`);
        continue;
      }
      const value = nodeOf(pair.value);
      data[name] = this.read(below, start, value);
      if (isEmpty(value)) {
        this.#report.atKey(below, 'EMPTY_VALUE', `\`${name}\` has no value: give it one, or take the key out`);
        data[name] = undefined;
      }
    }
    return data;
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
    this.#report.add(this.#report.places.atOffset(offset ?? 0), rule, message);
  }

  /** Undefined where something is wrong, which is then the only problem told of this value. */
  #substitute(path: Path, text: string): string | undefined {
    const substitution = substitute(text, this.#environment);
    for (const { rule, message } of substitution.problems) this.#report.at(path, rule, message);
    return substitution.problems.length > 0 ? undefined : substitution.text;
  }
}

function nodeOf(item: unknown): Node | null {
  return isNode(item) ? item : null;
}
