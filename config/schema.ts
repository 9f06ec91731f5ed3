import { z } from 'zod';
import { modelSchema } from './model-schema.ts';
import { onDemandSchema } from './on-demand-schema.ts';
import { duration, host, inputType, label, name, port, secret, size } from './scalars.ts';
import { serviceSchema } from './service-schema.ts';
import { storeSchema } from './store-schema.ts';
import { viewSchema } from './view-schema.ts';

const listener = (defaultPort: number) =>
  z.strictObject({ host: host.default('127.0.0.1'), port: port.default(defaultPort) }).prefault({});

/**
 * tandem.yaml as it is written. Strict: a key that is not here is an error, also one whose part is not built yet.
 * Durations come out in milliseconds, sizes in bytes.
 */
export const configSchema = z.strictObject({
  version: z.literal(1, { error: 'must be 1' }),
  project: label,
  timezone: z.string().optional(),
  asOf: z.string().optional(),
  /** Files of shared stores, services, views and on-demand features, relative to this one. */
  include: z.array(z.string().min(1)).default([]),
  inputs: z
    .strictObject({
      request: z.record(name, inputType).default({}),
      instance: z.record(name, inputType).default({}),
      extra: z.enum(['refuse', 'ignore']).default('refuse'),
    })
    .prefault({}),
  /** Features that a caller may send instead of having them gathered: `plane.seats`. */
  overrides: z.array(z.string()).default([]),
  stores: z.record(label, storeSchema).default({}),
  services: z.record(label, serviceSchema).default({}),
  views: z.record(name, viewSchema).default({}),
  onDemand: z.record(name, onDemandSchema).default({}),
  models: z.record(label, modelSchema).default({}),
  dev: z
    .strictObject({
      fill: z.record(z.string(), z.string().min(1)).default({}),
      /** Commands that serve the services on this machine, by service; each gets a free $PORT. */
      run: z.record(z.string(), z.string().min(1)).default({}),
    })
    .prefault({}),
  server: z
    .strictObject({
      http: listener(8080),
      admin: z
        .strictObject({
          host: host.default('127.0.0.1'),
          port: port.default(8082),
          /** Bearer token of the admin routes; without one they answer on loopback only. */
          token: secret
            .refine(({ text }) => text === undefined || text.length >= 16, 'a token has at least 16 characters')
            .optional(),
        })
        .prefault({}),
      stateDir: z.string().min(1).default('.tandem'),
      /** Stores and services without which this process is not ready. */
      readiness: z.strictObject({ requires: z.array(z.string()).default([]) }).prefault({}),
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
export type WrittenConfig = z.output<typeof configSchema>;
export type WrittenModel = WrittenConfig['models'][string];
export type WrittenFeature = Exclude<WrittenModel['features'], string>[number];
/** A configuration with what other files list for it in its place. */
export type Config = Omit<WrittenConfig, 'models'> & { models: Record<string, ModelConfig> };
export type ModelConfig = Omit<WrittenModel, 'features' | 'aliases'> & {
  features: FeatureConfig[];
  aliases: FeatureConfig[];
};
export type FeatureConfig = Omit<WrittenFeature, 'categories'> & { categories: readonly string[] | undefined };
export type ViewConfig = Config['views'][string];
/** One call for many keys: the request, and where its answer has what belongs to which key. */
export type BatchRead = NonNullable<ViewConfig['batch']>;
/** How long rows are kept, in ms since they were fetched. */
export type CacheConfig = NonNullable<ViewConfig['cache']>;
export type StoreConfig = Config['stores'][string];
export type ServiceConfig = Config['services'][string];
