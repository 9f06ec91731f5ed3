import { z } from 'zod';
import { SCALAR_TYPES } from '../cel/types.ts';
import { parseDurationMs, parseSizeBytes } from '../foundation/duration.ts';
import type { Rule } from './rules.ts';

/** Names of views, on-demand features, inputs, fields: what a CEL text can say. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names of models, stores and projects: what a path, a key and a metric label can carry. */
const LABEL = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

const name = z.string().regex(NAME, 'a name is letters, digits and _, and does not begin with a digit');
const label = z.string().regex(LABEL, 'a name here is up to 63 letters, digits, "-", "_" and "."');

function measured(parse: (text: string) => number | undefined, rule: Rule, problem: string) {
  return z.string({ error: problem }).transform((text, context) => {
    const parsed = parse(text);
    if (parsed === undefined) context.addIssue({ code: 'custom', message: problem, params: { rule } });
    return parsed ?? z.NEVER;
  });
}
function hasEntries(map: Record<string, unknown>): boolean {
  return Object.keys(map).length > 0;
}
/** A duration, read into milliseconds. */
const duration = measured(
  parseDurationMs,
  'DURATION_SYNTAX',
  'a duration is a number with its unit: 80ms, 2s, 10m, 24h, 30d',
);
/** A size, read into bytes. */
const size = measured(parseSizeBytes, 'SIZE_SYNTAX', 'a size is a number with its unit: 512B, 64KiB, 1MiB');

const scalarType = z.enum(SCALAR_TYPES);
/** `string` or, in inputs, `"string?"` for one that may be left out or null. */
const inputType = z.enum([...SCALAR_TYPES, ...SCALAR_TYPES.map((type) => `${type}?` as const)]).transform((text) => ({
  type: text.replace('?', '') as z.infer<typeof scalarType>,
  optional: text.endsWith('?'),
}));
const literal = z.union([z.string(), z.number(), z.boolean()]);
/** YAML reads the bare word `null` as no value; where a policy is asked for it is the word. */
const nullWord = z.null().transform(() => 'null' as const);
const policy = z.union([z.enum(['default', 'null', 'fail']), nullWord]);
const port = z.int().min(0).max(65_535);
/** A CEL text; a bare dotted name is the CEL that is only that name. Numbers and booleans are written as they are. */
const cel = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const field = z.union([scalarType.transform((type) => ({ type })), z.strictObject({ type: scalarType })]);

const view = z.strictObject({
  store: label,
  table: label.optional(),
  key: z.record(name, cel).refine(hasEntries, 'a key needs at least one part'),
  fields: z.record(name, field).refine(hasEntries, 'a view needs at least one field'),
  defaults: z.record(z.string(), literal).default({}),
  maxAge: duration.optional(),
  onMissing: policy.default('default'),
  onError: policy.default('default'),
  nulls: z.enum(['keep', 'default']).default('keep'),
  required: z.boolean().default(false),
});

const feature = z.union([
  z.string().transform((text) => ({ name: text, from: text, categories: undefined, unknown: 'null' as const })),
  z.strictObject({
    name: z.string().min(1),
    from: z.string().optional(),
    categories: z.array(z.string()).min(1).optional(),
    unknown: z.union([z.enum(['null', 'fail']), nullWord, z.int()]).default('null'),
    default: literal.optional(),
  }),
]);

const fallback = z.strictObject({
  cel,
  on: z
    .array(
      z.enum([
        'WRAPPER_UNAVAILABLE',
        'DEADLINE_EXCEEDED',
        'OVERLOADED',
        'FEATURE_UNAVAILABLE',
        'PREDICTOR_FAILED',
        'PREDICTOR_INVALID_OUTPUT',
      ]),
    )
    .min(1)
    .default(['WRAPPER_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'OVERLOADED']),
});

const wrapper = z.strictObject({
  /** `unix:NAME.sock`, inside server.stateDir; `unix:/absolute.sock`; or host:port. Default `unix:MODEL.sock`. */
  address: z.string().min(1).optional(),
  /** A .ts or .js file with a default-exported class, or `onnx`. */
  predictor: z.string().min(1).optional(),
  modelUri: z.string().min(1).optional(),
  tensors: z.enum(['matrix', 'columns']).default('matrix'),
  dtype: z.enum(['float64', 'float32']).default('float64'),
  socketMode: z.enum(['0600', '0660']).default('0600'),
  hangAfter: duration.default(10_000),
});

const model = z.strictObject({
  deadline: duration.default(1000),
  budget: z.strictObject({ features: duration.optional(), model: duration.optional() }).default({}),
  features: z.array(feature).min(1),
  /** Which of the model's outputs the answer is made of; default the single float output. */
  outputs: z
    .record(name, z.strictObject({ from: z.string().min(1), column: z.int().min(0).optional() }))
    .refine(hasEntries, 'name at least one output')
    .optional(),
  id: z.string().optional(),
  partial: z.boolean().default(false),
  topK: z.int().min(1).optional(),
  fallback: fallback.optional(),
  wrapper: wrapper.prefault({}),
});

const listener = (defaultPort: number) =>
  z.strictObject({ host: z.string().min(1).default('127.0.0.1'), port: port.default(defaultPort) }).prefault({});

/**
 * tandem.yaml as it is written. Strict: a key that is not here is an error, also one whose part is not built yet.
 * Durations come out in milliseconds, sizes in bytes.
 */
export const configSchema = z.strictObject({
  version: z.literal(1, { error: 'must be 1' }),
  project: label,
  timezone: z.string().optional(),
  asOf: z.string().optional(),
  inputs: z
    .strictObject({
      request: z.record(name, inputType).default({}),
      instance: z.record(name, inputType).default({}),
      extra: z.enum(['refuse', 'ignore']).default('refuse'),
    })
    .prefault({}),
  stores: z.record(label, z.strictObject({ type: z.literal('lmdb'), path: z.string().min(1).optional() })).default({}),
  views: z.record(name, view).default({}),
  onDemand: z.record(name, z.strictObject({ type: scalarType, cel })).default({}),
  models: z.record(label, model).default({}),
  dev: z.strictObject({ fill: z.record(z.string(), z.string()).default({}) }).prefault({}),
  server: z
    .strictObject({
      http: listener(8080),
      admin: z
        .strictObject({
          host: z.string().min(1).default('127.0.0.1'),
          port: port.default(8082),
          /** Bearer token of the admin routes; without one they answer on loopback only. */
          token: z.string().min(16, 'a token has at least 16 characters').optional(),
        })
        .prefault({}),
      stateDir: z.string().min(1).default('.tandem'),
      drain: z.strictObject({ delay: duration.default(0), timeout: duration.default(10_000) }).prefault({}),
    })
    .prefault({}),
  limits: z
    .strictObject({
      bodyBytes: size.default(1024 ** 2),
      instances: z.int().min(1).default(1000),
      instancesInFlight: z.int().min(1).default(20_000),
      /** How long a caller may take to send its request. */
      requestTimeout: duration.default(10_000),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      logs: z
        .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info') })
        .prefault({}),
    })
    .prefault({}),
});

/** tandem.yaml after the schema: every default in place, durations in ms, sizes in bytes. */
export type Config = z.output<typeof configSchema>;
export type ViewConfig = Config['views'][string];
export type ModelConfig = Config['models'][string];
export type FeatureConfig = ModelConfig['features'][number];
