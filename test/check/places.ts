import { isMap, isScalar, isSeq, parseDocument, type Node, type Pair } from 'yaml';

/** A key, value or item of a YAML text. */
export interface Part {
  /** With `*` in place of names and indexes: `views.*.key`. */
  pattern: string;
  path: (string | number)[];
  /** Offsets of the key; none for items of a list. */
  key: [number, number] | undefined;
  /** Offsets of the value. */
  value: [number, number];
  kind: 'scalar' | 'map' | 'list';
  /** Whether it stands inside of { } or [ ]. */
  inFlow: boolean;
  /** Whether its own value is a map or list in lines of its own. */
  isBlock: boolean;
  /** What a scalar holds. */
  data: unknown;
}

/** Maps whose keys are names of the user: all other keys are of the language. */
const NAMED = new Set(
  (
    'inputs.request inputs.instance stores services services.*.headers views views.*.key views.*.fields views.*.defaults ' +
    'views.*.batch.match views.*.batch.body onDemand onDemand.*.args models models.*.outputs dev.fill dev.run'
  ).split(' '),
);

/** Every key with its value, and every item, of a text. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  const add = (path: Part['path'], pattern: string, key: Part['key'], node: Node, inFlow: boolean): void => {
    const isFlow = 'flow' in node && node.flow === true;
    const kind = isMap(node) ? 'map' : isSeq(node) ? 'list' : 'scalar';
    const [from = 0] = node.range ?? [];
    const value: [number, number] = [from, endOf(node)];
    const isBlock = kind !== 'scalar' && !isFlow;
    parts.push({ pattern, path, key, value, kind, inFlow, isBlock, data: isScalar(node) ? node.value : undefined });
    below(path, pattern, node, inFlow || isFlow);
  };
  const below = (path: Part['path'], pattern: string, node: Node, inFlow: boolean): void => {
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries())
        add([...path, index], `${pattern}.*`, undefined, item as Node, inFlow);
    }
    if (!isMap(node)) return;
    for (const { key, value } of node.items as Pair<Node, Node>[]) {
      const name = String(isScalar(key) ? key.value : '');
      const [from = 0, to = 0] = key.range ?? [];
      const step = NAMED.has(pattern) ? '*' : name;
      if (value) add([...path, name], pattern === '' ? step : `${pattern}.${step}`, [from, to], value, inFlow);
    }
  };
  const { contents } = parseDocument(text);
  if (contents) below([], '', contents, false);
  return parts;
}

/** Where a node's text ends, without the blanks and comments that follow a block. */
function endOf(node: Node): number {
  const isBlock = (isMap(node) || isSeq(node)) && node.flow !== true;
  const last: unknown = isBlock ? node.items.at(-1) : undefined;
  if (last === undefined) return node.range?.[1] ?? 0;
  const inner = isMap(node) ? (last as Pair<Node, Node>).value : (last as Node);
  return inner ? endOf(inner) : (node.range?.[1] ?? 0);
}

/** The line, from 1, of an offset. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
