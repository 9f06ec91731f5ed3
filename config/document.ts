import { type Document, isAlias, isNode, LineCounter, parseDocument, visit, type Node } from 'yaml';
import { Places } from './places.ts';
import { Report } from './report.ts';

/** One YAML document that has been read, its aliases looked up. */
export interface ReadDocument {
  contents: Node | null;
  /** What each alias stands for; undefined for one that names no anchor above it. */
  targets: ReadonlyMap<Node, Node | undefined>;
  report: Report;
}

/**
 * Text as a document of YAML 1.2's core schema: no merge keys, no custom tags, and `no` is a string. Duplicate keys and
 * aliases are judged later (tree.ts), where their places are known.
 */
export function readDocument(text: string, file: string): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    stringKeys: false,
    lineCounter: lines,
  });
  const report = new Report(new Places(file, text, lines));
  const told = new Set<string>();
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    // Too deep a nesting is told once a level.
    if (code === 'RESOURCE_EXHAUSTION' && told.has(code)) continue;
    told.add(code);
    report.add(report.places.atOffset(pos[0]), ...sentence(code, message));
  }
  return { contents: document.contents, targets: resolveAliases(document), report };
}

function sentence(code: string, message: string): ['YAML_SYNTAX' | 'YAML_TAG', string] {
  switch (code) {
    case 'TAG_RESOLVE_FAILED':
      return ['YAML_TAG', `${lowerFirst(message)}; values here carry no tags`];
    case 'MULTIPLE_DOCS':
      return ['YAML_SYNTAX', 'the file has more than one document: take out what begins with `---`'];
    case 'RESOURCE_EXHAUSTION':
      return ['YAML_SYNTAX', 'the nesting is too deep to read'];
    default:
      return ['YAML_SYNTAX', lowerFirst(message)];
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** An alias stands for the last anchor of its name before it; one walk, where the library's `resolve` walks for each. */
function resolveAliases(document: Document.Parsed): Map<Node, Node | undefined> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node | undefined>();
  if (document.errors.length > 0) return targets;
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) targets.set(node, anchors.get(node.source));
      else if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}
