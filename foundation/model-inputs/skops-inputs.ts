import { readZipMember } from './zip.ts';
import type { ModelInputs } from './model-inputs.ts';

/** A node of skops' schema: an object's attributes and a list's items are under `content`, a scalar is JSON text there. */
interface SkopsNode {
  content?: unknown;
  is_json?: boolean;
}

/**
 * The inputs that a model of scikit-learn names (`feature_names_in_`, and their number in `n_features_in_`), read from
 * a .skops file, a zip whose `schema.json` is the object's tree: no Python runs. A pipeline has them in its first step,
 * so that the outermost of the tree count.
 */
export function skopsInputs(path: string): ModelInputs | undefined {
  const schema = JSON.parse(readZipMember(path, 'schema.json').toString('utf8')) as SkopsNode;
  const names = outermost(schema, 'feature_names_in_', readNames);
  const width = names?.length ?? outermost(schema, 'n_features_in_', readNumber);
  if (width === undefined) return undefined;
  return { width, columns: names?.map((name) => ({ name })), isByName: false };
}

/** The first that can be read of the attributes of this name, level by level, in the file's order. */
function outermost<T>(root: SkopsNode, name: string, read: (node: SkopsNode) => T | undefined): T | undefined {
  let level: unknown[] = [root];
  while (level.length > 0) {
    for (const node of level) {
      if (!isMap(node) || !Object.hasOwn(node, name)) continue;
      const found = isMap(node[name]) ? read(node[name]) : undefined;
      if (found !== undefined) return found;
    }
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
  }
  return undefined;
}

function readNames({ content }: SkopsNode): string[] | undefined {
  if (!Array.isArray(content)) return undefined;
  const names = content.map((item: unknown) => (isMap(item) ? readScalar(item) : undefined));
  return names.every((name) => typeof name === 'string') ? names : undefined;
}

function readNumber(node: SkopsNode): number | undefined {
  const number = readScalar(node);
  return typeof number === 'number' ? number : undefined;
}

function readScalar({ content, is_json: isJson }: SkopsNode): unknown {
  return isJson === true && typeof content === 'string' ? JSON.parse(content) : undefined;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
