import {
  type Document,
  isAlias,
  isNode,
  LineCounter,
  parseDocument,
  visit,
  type Node,
  type YAMLParseError,
} from 'yaml';
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
  // What follows a syntax error is mostly its echo: an open bracket makes an error of every line below.
  const [first] = document.errors;
  if (first) report.add(report.places.atOffset(first.pos[0]), 'YAML_SYNTAX', syntaxProblem(first, text));
  for (const { code, message, pos } of document.warnings) {
    const tag = code === 'TAG_RESOLVE_FAILED' ? '; values here carry no tags' : '';
    report.add(report.places.atOffset(pos[0]), tag === '' ? 'YAML_SYNTAX' : 'YAML_TAG', lowerFirst(message) + tag);
  }
  return { contents: document.contents, targets: resolveAliases(document), report };
}

function syntaxProblem({ code, message, pos: [at] }: YAMLParseError, text: string): string {
  if (code === 'MULTIPLE_DOCS') return 'the file has more than one document: take out what begins with `---`';
  if (code === 'RESOURCE_EXHAUSTION') return 'the nesting is too deep to read';
  if (text.startsWith('${', at - 1)) return 'inside of { } and [ ] a `${…}` is written in quotes';
  if (/^\w\[\]/.test(text.slice(at - 1, at + 2)))
    return 'inside of { } and [ ] a text with brackets is written in quotes';
  return lowerFirst(message);
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
