import { relative } from 'node:path';
import { Document, isScalar, isSeq, Pair, Scalar, YAMLMap, YAMLSeq, type Node } from 'yaml';
import { Broken } from './broken.ts';
import type { Environment } from './environment.ts';
import { Files } from './files.ts';
import { type Entry, keyPlaceOf } from './places.ts';
import { Problems } from './problems.ts';

/**
 * One YAML of a file, what it includes and its overlays, as they are merged: values as written, `${ENV}` and references
 * to secrets too, and at each one of another file where it stands. It has no `include`, so that it can run in the
 * file's place. Empty where the file cannot be read; `check` says why.
 */
export function mergedYaml(file: string, environment: Environment, overlays: readonly string[], cwd: string): string {
  const tree = new Files(environment, new Problems(), new Broken()).readMerged(file, overlays);
  if (!tree) return '';
  tree.entry.below?.delete('include');
  const document = new Document();
  document.contents = nodeOf(tree.entry, cwd);
  return document.toString({ lineWidth: 0 });
}

function nodeOf({ node, below, source }: Entry, cwd: string): Node {
  if (!below) return isScalar(node) ? scalarOf(node) : new Scalar(null);
  const built = isSeq(node) ? new YAMLSeq() : new YAMLMap();
  for (const [name, entry] of below) {
    const value = nodeOf(entry, cwd);
    const key = new Scalar(name);
    // Only a change of file is told: behind a value of one line, above all else.
    const isElsewhere = entry.source.file !== source.file;
    if (isElsewhere && (entry.below || isBlock(entry.node))) key.commentBefore = commentOf(entry, cwd);
    else if (isElsewhere) value.comment = commentOf(entry, cwd);
    if (built instanceof YAMLSeq) built.items.push(value);
    else built.items.push(new Pair(key, value));
  }
  return built;
}

/** A text below `|` or `>`: where it is empty, a comment behind the sign would be read as the text. */
function isBlock(node: Node | null): boolean {
  return isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED);
}

function commentOf(entry: Entry, cwd: string): string {
  const { file, line } = keyPlaceOf(entry);
  return ` ${relative(cwd, file)}:${line}`;
}

/** A value as its file writes it: quotes and the form of a number stay, anchors do not. */
function scalarOf({ value, type, source }: Scalar): Scalar {
  const built = new Scalar(value);
  if (type !== undefined) built.type = type;
  if (source !== undefined && typeof value === 'number') built.source = source;
  return built;
}
