import { z } from 'zod';
import { isPredictor, MODEL_LIBRARIES } from '../foundation/predictor-file.ts';
import { cel, duration, hasEntries, literal, name, nullWord } from './scalars.ts';

const namedFeature = z.strictObject({
  name: z.string().min(1),
  from: z.string().optional(),
  /** The list itself, a file that has it, or `from-model`. */
  categories: z.union([z.string().min(1), z.array(z.string()).min(1)]).optional(),
  unknown: z.union([z.enum(['null', 'fail']), nullWord, z.int()]).default('null'),
  nulls: z.union([z.enum(['keep', 'fail']), z.int()]).default('keep'),
  default: literal.optional(),
});

const feature = z.union([
  z.string().transform((text) => ({
    name: text,
    from: text,
    categories: undefined,
    unknown: 'null' as const,
    nulls: 'keep' as const,
    default: undefined,
  })),
  namedFeature,
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

/** Requests that are answered before the model is called ready. */
const warmup = z.strictObject({ requests: z.string().min(1), timeout: duration.default(30_000) });

const wrapper = z.strictObject({
  /** `unix:NAME.sock`, inside server.stateDir; `unix:/absolute.sock`; or host:port. Default `unix:MODEL.sock`. */
  address: z.string().min(1).optional(),
  /**
   * A .ts or .js file with a default-exported class, a .py file (`predictor.py:Class` where it has several), or the library
   * of a model without code.
   */
  predictor: z
    .string()
    .min(1)
    .refine(isPredictor, {
      error: `must be a .ts, .js or .py file, or ${MODEL_LIBRARIES.join(', ')}`,
      params: { rule: 'WRONG_VALUE' },
    })
    .optional(),
  /** The interpreter of what runs in Python, a path or a command; default that of the active virtual environment, then `python3`. */
  python: z.string().min(1).optional(),
  modelUri: z.string().min(1).optional(),
  /** Whether a model of scikit-learn may come from a pickle, or from what skops does not trust. */
  trustPickle: z.boolean().default(false),
  tensors: z.enum(['matrix', 'columns']).default('matrix'),
  dtype: z.enum(['float64', 'float32']).default('float64'),
  /** Processes that host the model, each with its own socket; `auto`: one for each CPU that the wrapper may use. */
  replicas: z.union([z.literal('auto'), z.int().min(1).max(64)]).default(1),
  /** Threads of one replica's math libraries; default the CPUs divided by the replicas. */
  threads: z.int().min(1).max(1024).optional(),
  /** Computes calls that wait together as one; adaptive, and off unless it is here. */
  batching: z
    .strictObject({
      /** Rows of one `predict`. */
      maxRows: z.int().min(1).max(1_000_000).default(1000),
      /** How long a call may be held for others to join it. */
      maxWait: duration.default(5),
    })
    .optional(),
  socketMode: z.enum(['0600', '0660']).default('0600'),
  hangAfter: duration.default(10_000),
});

/** One model: what it is fed, how long it may take, what answers in its place, where it is hosted. */
export const modelSchema = z.strictObject({
  deadline: duration.default(1000),
  budget: z.strictObject({ features: duration.optional(), model: duration.optional() }).default({}),
  /** In their order; `from-model`: those that the model's own file names. */
  features: z.union([z.literal('from-model'), z.array(feature).min(1)]),
  /** What a name in the list, or of a column of the model, stands for. */
  aliases: z.array(namedFeature).default([]),
  /** Which of the model's outputs the answer is made of; default the single float output. */
  outputs: z
    .record(name, z.strictObject({ from: z.string().min(1), column: z.int().min(0).optional() }))
    .refine(hasEntries, 'name at least one output')
    .optional(),
  id: z.string().optional(),
  partial: z.boolean().default(false),
  topK: z.int().min(1).optional(),
  fallback: fallback.optional(),
  warmup: warmup.optional(),
  wrapper: wrapper.prefault({}),
});
