import { z } from 'zod';
import { cel, duration, hasEntries, label, literal, name, policy, scalarType, size } from './scalars.ts';

/** A JSON Pointer (RFC 6901) as the YAML writes it; whether it is one is checked by its rule. */
const pointer = z.string();

const field = z.union([
  scalarType.transform((type) => ({ type, at: undefined })),
  z.strictObject({ type: scalarType, at: pointer.optional() }),
]);

const cache = z.strictObject({
  ttl: duration,
  staleWhileRevalidate: duration.optional(),
  staleIfError: duration.optional(),
  negativeTtl: duration.optional(),
  maxEntries: z.int().min(1).default(10_000),
  maxBytes: size.optional(),
  /** A file of keys, one a line, whose rows are kept fresh. */
  warm: z.string().min(1).optional(),
});

const batch = z.strictObject({
  size: z.int().min(1).max(10_000).default(100),
  post: z.string().min(1),
  /** Any JSON in which the text `$keys` stands for the list of keys. */
  body: z.json(),
  items: pointer.default(''),
  match: z.record(name, pointer).refine(hasEntries, 'name a pointer for each part of the key'),
});

/** One feature view: a key, a store or a service to read from, typed fields, and what happens when they are missing. */
export const viewSchema = z.strictObject({
  store: label.optional(),
  table: label.optional(),
  service: label.optional(),
  get: z.string().min(1).optional(),
  batch: batch.optional(),
  /** Where an item says when it was true; default the time of the fetch. */
  timestamp: pointer.optional(),
  key: z.record(name, cel).refine(hasEntries, 'a key needs at least one part'),
  fields: z.record(name, field).refine(hasEntries, 'a view needs at least one field'),
  defaults: z.record(z.string(), literal).default({}),
  maxAge: duration.optional(),
  onMissing: policy.default('default'),
  onError: policy.default('default'),
  nulls: z.enum(['keep', 'default']).default('keep'),
  required: z.boolean().default(false),
  cache: cache.optional(),
});
