import { z } from 'zod';
import { duration, secret } from './scalars.ts';

/** The names of the encodings that are one value a row; a module is told them by these words too. */
const valueEncoding = z.enum(['json', 'packed']);

const lmdb = z.strictObject({
  type: z.literal('lmdb'),
  path: z.string().min(1).optional(),
  encoding: valueEncoding.default('json'),
});

/** Files of PEM text, relative to the YAML. */
const tls = z.strictObject({
  authority: z.string().min(1).optional(),
  certificate: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  serverName: z.string().min(1).optional(),
});

/** Who we are to a server. */
const login = secret.refine(({ text }) => text !== '', 'must not be empty');

const couchbase = z.strictObject({
  type: z.literal('couchbase'),
  url: z.string().min(1).optional(),
  username: login.optional(),
  password: login.optional(),
  bucket: z.string().min(1),
  scope: z.string().min(1).default('_default'),
  collection: z.string().min(1).default('_default'),
  tls: z.strictObject({ authority: z.string().min(1).optional() }).optional(),
  encoding: valueEncoding.default('json'),
  timeout: duration.default(30),
  bootstrapTimeout: duration.default(5000),
  maxConcurrency: z.int().min(1).default(256),
  connections: z.int().min(1).max(64).default(2),
  replicaReads: z.boolean().default(false),
  expiry: duration.optional(),
  durability: z.enum(['none', 'majority', 'majorityAndPersistActive', 'persistToMajority']).default('none'),
});

/** Those who know which server is the master. */
const sentinel = z.strictObject({
  name: z.string().min(1),
  urls: z.array(z.string().min(1)).min(1),
  username: login.optional(),
  password: login.optional(),
  tls: tls.optional(),
});

const redis = z.strictObject({
  type: z.literal('redis'),
  url: z.string().min(1).optional(),
  urls: z.array(z.string().min(1)).min(1).optional(),
  cluster: z.boolean().default(false),
  sentinel: sentinel.optional(),
  readFrom: z.enum(['master', 'replica']).default('master'),
  username: login.optional(),
  password: login.optional(),
  database: z.int().min(0).max(999_999).optional(),
  tls: tls.optional(),
  encoding: z.enum(['json', 'hash', 'packed']).default('json'),
  timeout: duration.default(30),
  connectTimeout: duration.default(1000),
  maxConcurrency: z.int().min(1).default(256),
  expiry: duration.optional(),
  invalidation: z.boolean().default(false),
});

/** A store of the user's own. Its options may be anything; texts among them may be `secret:` references. */
const module = z
  .strictObject({
    type: z.string().regex(/^(\.{1,2})?\/.*\.(ts|mts|js|mjs)$/, 'a store of your own is a file: `./scylla.ts`'),
    options: z.record(z.string(), z.json()).default({}),
  })
  .transform(({ type, options }) => ({ type: 'module' as const, file: type, options }));

/** One online store. Its `type` says which keys there are. */
export const storeSchema = z.union([lmdb, redis, couchbase, module]);
