import { parseArgs } from 'node:util';
import { loadConfig } from '../../config/load.ts';
import { createLogger } from '../../foundation/telemetry/logger.ts';
import { modelReady, openDeployment } from '../../orchestrator/deployment.ts';
import { openViewCache } from '../../orchestrator/features/cache/view-cache.ts';
import { coalesce } from '../../orchestrator/features/coalesce.ts';
import { openService } from '../../orchestrator/features/service/open-service.ts';
import type { FeatureSource } from '../../orchestrator/features/source.ts';
import { HttpServer } from '../../orchestrator/fronts/http/server.ts';
import { addV1Routes } from '../../orchestrator/fronts/http/v1-routes.ts';
import { compilePlan } from '../../orchestrator/plan/compile-plan.ts';
import { createPredict } from '../../orchestrator/predict/predict.ts';

/**
 * The example as `tandem serve` serves it, but for its weather: whose calls are merged or not, with a cache before it or
 * none. No YAML says so, since nobody would want it. Deadlines are longer, so that no call is given up.
 */
const VIEW = 'weather';
const DEADLINE_MS = 5000;
const SERVICE_TIMEOUT_MS = 2000;

const { values: options } = parseArgs({
  options: {
    config: { type: 'string' },
    'state-dir': { type: 'string' },
    merge: { type: 'boolean', default: false },
    /** Milliseconds; without it there is no cache. */
    ttl: { type: 'string' },
  },
});
const now = (): number => performance.now();

const { checked, problems } = loadConfig(options.config!, process.env);
if (!checked) throw new Error(JSON.stringify(problems));
const weather = weatherSource();
const deployment = await openDeployment(checked, {
  stateDir: options['state-dir']!,
  models: true,
  logger: createLogger('error', 'bench'),
  now,
  wrapSource: (source, view) => (view === VIEW ? weather : source),
  onViewFailure: (view, status) => console.error(`${view}: ${status}`),
});
await Promise.all(Array.from(deployment.models.values(), modelReady));

const server = new HttpServer({ bodyBytes: 2 ** 20, requestTimeoutMs: 10_000, onReply: () => {} });
addV1Routes(server, {
  predict: createPredict(() => ({ deployment, release: () => {} }), { now, past: undefined, deadlineMs: DEADLINE_MS }),
  models: () => [],
  onReply: () => {},
});
console.log(JSON.stringify({ event: 'listening', http: await server.listen('127.0.0.1', 0) }));
process.once('SIGTERM', () => process.exit(0));

function weatherSource(): FeatureSource {
  const { config } = checked!;
  const view = compilePlan(checked!).views.get(VIEW)!;
  const { service, batch, timestamp, fields } = config.views[VIEW];
  const at = Object.fromEntries(
    Object.entries(fields).flatMap(([field, { at: pointer }]) => (pointer === undefined ? [] : [[field, pointer]])),
  );
  const settings = config.services[service!];
  const opened = openService(
    service!,
    { ...settings, timeout: SERVICE_TIMEOUT_MS },
    { headers: {}, now, epochMs: Date.now, random: Math.random },
  );
  const each = opened.source({ key: view.key, get: undefined, batch, timestamp, at });
  const limits = { maxKeys: batch!.size, maxInFlight: settings.maxConcurrency, now };
  const source = options.merge ? coalesce(each, limits) : each;
  if (options.ttl === undefined) return source;
  const cache = { ttl: Number(options.ttl), maxEntries: 5000 };
  return openViewCache(view, cache, { now, random: Math.random }).over(source);
}
