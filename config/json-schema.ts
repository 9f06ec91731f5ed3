import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, parseDocument, type Node, type Pair } from 'yaml';
import { z } from 'zod';
import { formatDuration, formatSize } from '../foundation/duration.ts';
import { configSchema } from './schema.ts';

/** A node of a JSON Schema, of the parts that are read here. */
interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  maximum?: number;
  minimum?: number;
  default?: unknown;
  description?: string;
  examples?: unknown[];
  [key: string]: unknown;
}

/** Any value may come from the environment; then it is a text, whatever its key wants. */
const FROM_ENVIRONMENT = '\\$\\{';

/**
 * The JSON Schema (draft 7) of tandem.yaml, for editors: what the Zod schema says, with the descriptions and examples of
 * reference.yaml. `reference` is that file's text.
 */
export function jsonSchema(reference: string): Schema {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      addDefault(zodSchema, made as Schema);
      allowEnvironment(made as Schema);
    },
  }) as Schema;
  const { $schema, definitions: _, ...rest } = schema;
  describe(rest, parseDocument(reference).contents);
  return { $schema, title: 'tandem.yaml', ...(withoutReferences(rest) as Schema) };
}

/** The text of config/reference.yaml, which stands beside this file. */
export function readReference(): string {
  return readFileSync(new URL('./reference.yaml', import.meta.url), 'utf8');
}

/** A default that the schema keeps as a number (ms, bytes) is told as the YAML writes it. */
function addDefault(zodSchema: z.core.$ZodType, made: Schema): void {
  const { def } = zodSchema as z.ZodType;
  if (def.type === 'prefault') delete made.default;
  if (def.type !== 'default') return;
  const value = (def as z.core.$ZodDefaultDef).defaultValue;
  const isText = made.type === 'string' && typeof value === 'number';
  if (isText) made.default = made.pattern?.includes('KiB') ? formatSize(value) : formatDuration(value);
  else if (typeof value !== 'object') made.default = value;
  else delete made.default;
}

function allowEnvironment(made: Schema): void {
  if (made.maximum === Number.MAX_SAFE_INTEGER) delete made.maximum;
  if (made.minimum === Number.MIN_SAFE_INTEGER) delete made.minimum;
  if (made.type === 'integer' || made.type === 'number' || made.type === 'boolean') {
    if (made.const !== undefined) return;
    made.type = [made.type, 'string'];
    made.pattern = FROM_ENVIRONMENT;
  } else if (made.type === 'string' && made.enum) {
    const { type, enum: words } = made;
    delete made.type;
    delete made.enum;
    made.anyOf = [
      { type, enum: words },
      { type, pattern: FROM_ENVIRONMENT },
    ];
  }
}

/** Any JSON is any JSON: the recursion that says so is of no use to an editor. */
function withoutReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) {
    const { $ref: _, ...rest } = value as Schema;
    return rest;
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutReferences(inner)]));
}

/** Each key's comment and value in the reference, where the schema has the key; the first one of several stands. */
function describe(schema: Schema, node: Node | null): void {
  if (isSeq(node)) {
    const items = optionsOf(schema).flatMap((option) => optionsOf(option.items));
    for (const item of node.items) for (const below of items) describe(below, item as Node);
  }
  if (!isMap(node)) return;
  for (const [index, pair] of (node.items as Pair<Node, Node | null>[]).entries()) {
    if (!isScalar(pair.key)) continue;
    const name = String(pair.key.value);
    const comment = pair.key.commentBefore ?? (index === 0 ? node.commentBefore : undefined) ?? undefined;
    for (const option of optionsOf(schema)) {
      const own = option.properties?.[name];
      const below = own ?? (typeof option.additionalProperties === 'object' ? option.additionalProperties : undefined);
      if (own && own.description === undefined && comment !== undefined) addWords(own, comment, pair.value);
      if (below) describe(below, pair.value);
    }
  }
}

function addWords(schema: Schema, comment: string, value: Node | null): void {
  // Above the first key of the file stands what the whole file is.
  const own = comment.split(/\n\s*\n/).at(-1) ?? comment;
  schema.description = own
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
  const example: unknown = value?.toJSON();
  const isSmall = isScalar(value) || JSON.stringify(example).length <= 80;
  if (isSmall && example !== null && schema.default !== example) schema.examples = [example];
}

function optionsOf(schema: Schema | undefined): Schema[] {
  if (!schema) return [];
  return schema.anyOf ? schema.anyOf.flatMap(optionsOf) : [schema];
}
