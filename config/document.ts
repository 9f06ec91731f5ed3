import { type Document, isAlias, isNode, LineCounter, parseDocument, visit, type Node } from 'yaml';
import type { Broken } from './broken.ts';
import type { Problems } from './problems.ts';
import { findBroken } from './recover.ts';
import { Source } from './source.ts';

/** One YAML document that has been read, its aliases looked up. */
export interface ReadDocument {
  source: Source;
  contents: Node | null;
  /** What each alias stands for; undefined for one that names no anchor above it. */
  targets: ReadonlyMap<Node, Node | undefined>;
}

/**
 * Text as a document of YAML 1.2's core schema: no merge keys, no custom tags, and `no` is a string. Duplicate keys and
 * aliases are judged later (tree.ts), where their places are known. What cannot be read is told, left out, and named in
 * `broken`; the rest is there.
 */
export function readDocument(text: string, file: string, problems: Problems, broken: Broken): ReadDocument {
  const lines = new LineCounter();
  const whole = parse(text, lines);
  const found = findBroken(text, (part) => (part === text ? whole : parse(part)).errors);
  const document = found.text === text ? whole : parse(found.text);
  const source = new Source(file, text, lines);
  for (const { offset, message } of found.blocks) problems.add(source.at(offset), 'YAML_SYNTAX', message);
  for (const path of found.blocks.flatMap(({ paths }) => paths)) broken.addLost(path);
  for (const { code, message, pos } of document.warnings) {
    const isTag = code === 'TAG_RESOLVE_FAILED';
    const sentence = message.charAt(0).toLowerCase() + message.slice(1);
    const said = isTag ? `${sentence}; values here carry no tags` : sentence;
    problems.add(source.at(pos[0]), isTag ? 'YAML_TAG' : 'YAML_SYNTAX', said);
  }
  return { source, contents: document.contents, targets: resolveAliases(document) };
}

function parse(text: string, lineCounter = new LineCounter()): Document.Parsed {
  return parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    stringKeys: false,
    lineCounter,
  });
}

/** An alias stands for the last anchor of its name before it; one walk, where the library's `resolve` walks for each. */
function resolveAliases(document: Document.Parsed): Map<Node, Node | undefined> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node | undefined>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) targets.set(node, anchors.get(node.source));
      else if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}
