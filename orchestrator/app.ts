import type { CheckedConfig } from '../config/checked.ts';
import type { Logger } from '../foundation/telemetry/logger.ts';
import { addScraped, createMetrics, type Metrics } from '../foundation/telemetry/metrics.ts';
import { modelReady, openDeployment, type Deployment } from './deployment.ts';
import { addAdminRoutes } from './fronts/admin/routes.ts';
import { addHealthRoutes } from './fronts/http/health-routes.ts';
import { observeReplies } from './fronts/http/observe-replies.ts';
import { describeApi } from './fronts/http/openapi.ts';
import { HttpServer } from './fronts/http/server.ts';
import { addV1Routes, type ModelStatus } from './fronts/http/v1-routes.ts';
import { showDeployment } from './observers/deployment-metrics.ts';
import { withMetrics } from './observers/predict-metrics.ts';
import { describePlan } from './plan/describe.ts';
import { withAdmission } from './predict/admission.ts';
import type { Predict } from './predict/call.ts';
import { createPredict } from './predict/predict.ts';
import type { RunOptions } from './predict/run.ts';

/** What a command line may set over the YAML. Port 0 takes a free one. */
export interface AppOptions {
  checked: CheckedConfig;
  logger: Logger;
  host?: string;
  port?: number;
  adminPort?: number;
  stateDir?: string;
}

/** A running orchestrator. */
export interface App {
  /** `host:port` of each front; null for one that does not exist yet. */
  listening: { http: string; grpc: null; admin: string };
  deployment: Deployment;
  /** Resolves once every model can be asked. */
  ready: Promise<void>;
  /** Not ready first, then `server.drain.delay`, then in-flight calls are answered and everything is closed. */
  drain(): Promise<void>;
}

const monotonicMs = (): number => performance.now();

/** Opens the deployment and its fronts: the only place that knows all rooms. Rejects with AppError where it cannot. */
export async function startApp(options: AppOptions): Promise<App> {
  const { checked, logger } = options;
  const { server: serverConfig, limits } = checked.config;
  const metrics = createMetrics();
  const deployment = await openDeployment(checked, {
    ...(options.stateDir === undefined ? {} : { stateDir: options.stateDir }),
    models: true,
    logger,
    now: monotonicMs,
    onViewFailure: (view, status) => metrics.viewFailures.inc({ view, status }),
  });
  const inFlight = { instances: 0 };
  const predict = pipeline(deployment, { now: monotonicMs, past: undefined }, inFlight, metrics);
  showDeployment(metrics, () => deployment);
  addScraped(
    metrics,
    { name: 'tandem_instances_in_flight', help: 'Instances being scored now.', labelNames: [], kind: 'gauge' },
    () => [{ labels: {}, value: inFlight.instances }],
  );

  let draining = false;
  const onReply = observeReplies(metrics, logger, (model) => deployment.models.has(model));
  const httpOptions = { bodyBytes: limits.bodyBytes, requestTimeoutMs: limits.requestTimeout, onReply };
  const notReady = (): string | undefined =>
    draining ? 'The server is draining.' : modelStatuses(deployment).find(({ ready }) => !ready)?.problem;

  const front = new HttpServer(httpOptions);
  addHealthRoutes(front, notReady);
  addV1Routes(front, { predict, models: () => modelStatuses(deployment), onReply });
  front.route('GET', '/openapi.json', () => describeApi(deployment.plan, checked.config.project));

  const admin = new HttpServer(httpOptions);
  const { token } = serverConfig.admin;
  let drained: Promise<void> | undefined;
  const drain = (): Promise<void> => (drained ??= drainOnce());
  addAdminRoutes(admin, {
    metrics: async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
    health: () => ({
      ready: notReady() === undefined,
      revision: deployment.revision,
      models: modelStatuses(deployment),
    }),
    plan: () => describePlan(deployment.plan, checked),
    config: () => checked.config,
    drain: () => void drain(),
    token: token === undefined ? undefined : checked.readSecret(token),
  });

  const drainOnce = async (): Promise<void> => {
    draining = true;
    await new Promise((resolve) => setTimeout(resolve, serverConfig.drain.delay));
    await within(serverConfig.drain.timeout, front.close());
    await within(1000, admin.close());
    await deployment.close();
  };

  try {
    const http = await front.listen(options.host ?? serverConfig.http.host, options.port ?? serverConfig.http.port);
    const adminAt = await admin.listen(serverConfig.admin.host, options.adminPort ?? serverConfig.admin.port);
    return {
      listening: { http, grpc: null, admin: adminAt },
      deployment,
      ready: allReady(deployment),
      drain,
    };
  } catch (error) {
    await drain();
    throw error;
  }
}

/** The wrappers round the core of predict, in their order: a refused call is not measured as an answer. */
function pipeline(
  deployment: Deployment,
  options: RunOptions,
  inFlight: { instances: number },
  metrics: Metrics,
): Predict {
  const pin = { deployment, release: () => {} };
  const { limits } = deployment.checked.config;
  return withAdmission(
    withMetrics(
      createPredict(() => pin, options),
      metrics,
    ),
    () => limits,
    inFlight,
  );
}

function modelStatuses(deployment: Deployment): ModelStatus[] {
  return Array.from(deployment.models.values(), ({ plan, client, readOutputs, problem }) => {
    const ready = client?.ready === true && readOutputs !== undefined && problem === undefined;
    return {
      name: plan.name,
      ready,
      version: client?.modelVersion ?? '',
      problem: ready ? undefined : (problem?.message ?? `The model "${plan.name}" is not loaded.`),
    };
  });
}

async function allReady(deployment: Deployment): Promise<void> {
  await Promise.all(Array.from(deployment.models.values(), modelReady));
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
