import type { CheckedConfig, LoadResult } from '../config/checked.ts';
import { openPush } from '../data/push/push.ts';
import type { Logger } from '../foundation/telemetry/logger.ts';
import { createMetrics, type Metrics } from '../foundation/telemetry/metrics.ts';
import { modelReady, openDeployment, stateFolder, whyNotReady, type Deployment, type Pin } from './deployment.ts';
import { Applier } from './deployment/apply.ts';
import { Registry } from './deployment/registry.ts';
import { reloadAnswer, Reloader, type Reloaded } from './deployment/reload.ts';
import { Revisions } from './deployment/revisions.ts';
import { DisabledViews } from './features/disabled-views.ts';
import { addAdminRoutes } from './fronts/admin/routes.ts';
import { addHealthRoutes } from './fronts/http/health-routes.ts';
import { observeReplies } from './fronts/http/observe-replies.ts';
import { describeApi } from './fronts/http/openapi.ts';
import { HttpServer } from './fronts/http/server.ts';
import { addV1Routes, type ModelStatus } from './fronts/http/v1-routes.ts';
import { showDeployment } from './observers/deployment-metrics.ts';
import { withMetrics } from './observers/predict-metrics.ts';
import { countReloads, countWarmUps, showProcess } from './observers/process-metrics.ts';
import { showRows } from './observers/row-metrics.ts';
import { showSources } from './observers/source-metrics.ts';
import { describePlan } from './plan/describe.ts';
import { withAdmission } from './predict/admission.ts';
import type { Predict } from './predict/call.ts';
import { createPredict } from './predict/predict.ts';

/** What a command line may set over the YAML. Port 0 takes a free one. */
export interface AppOptions {
  checked: CheckedConfig;
  logger: Logger;
  /** Reads the configuration again, for a reload. */
  load(): LoadResult;
  /** Told of every reload, whoever asked for it. */
  onReloaded?(reloaded: Reloaded): void;
  /** Told when a drain begins, also the one of a start that failed: nothing is reloaded any more. */
  onDrain?(): void;
  /** True where whoever starts the app starts the wrappers too, and again when their own settings change. */
  startsWrappers?: boolean;
  host?: string;
  port?: number;
  adminPort?: number;
  stateDir?: string;
}

/** A running orchestrator. */
export interface App {
  /** `host:port` of each front; null for one that does not exist yet. */
  listening: { http: string; grpc: null; admin: string };
  /** The one that runs now: a reload replaces it. Who uses it for longer than a turn pins it. */
  readonly deployment: Deployment;
  pin(): Pin;
  /** Reads the files again and applies them; where they are bad, tells so and changes nothing. */
  reload(): Promise<Reloaded>;
  /** Resolves once every model can be asked and is warm. */
  ready: Promise<void>;
  /** Not ready first, then `server.drain.delay`, then in-flight calls are answered and everything is closed. */
  drain(): Promise<void>;
}

/** How long the models of a new configuration may take to load, while the one before serves. */
const READY_WITHIN_MS = 30_000;

const monotonicMs = (): number => performance.now();

/** Opens the deployment and its fronts: the only place that knows all rooms. Rejects with AppError where it cannot. */
export async function startApp(options: AppOptions): Promise<App> {
  const { logger } = options;
  const { config } = options.checked;
  const stateDir = stateFolder(options.checked, options.stateDir);
  const metrics = createMetrics();
  const registry = new Registry();
  const disabled = new DisabledViews(monotonicMs);
  const warmUps = countWarmUps(metrics, () => revisions.current.models.keys());
  const open = async (checked: CheckedConfig): Promise<Deployment> => {
    adminToken(checked); // one that cannot be read is a problem now, not at the first request
    return openDeployment(checked, {
      stateDir,
      models: true,
      logger,
      now: monotonicMs,
      registry,
      wrapSource: (source, view) => disabled.over(source, view),
      onViewFailure: (view, status) => metrics.viewFailures.inc({ view, status }),
      serviceDurations: (service) => metrics.serviceSeconds.of({ service }),
      onWarmUpRequest: warmUps,
    });
  };
  const first = await open(options.checked).catch((error: unknown) => {
    options.onDrain?.();
    throw error;
  });
  const revisions = new Revisions(first, (error) =>
    logger.error({ err: error }, 'what a reload replaced could not be closed'),
  );
  void first.warmUp?.start(first, undefined);
  const applier = new Applier({ revisions, open, readyWithinMs: READY_WITHIN_MS });
  const reloads = countReloads(metrics);
  const reloader = new Reloader({
    revisions,
    logger,
    load: () => options.load(),
    apply: (change) => applier.apply(change),
    startsWrappers: options.startsWrappers ?? false,
    onReloaded(reloaded) {
      reloads[reloaded.result]++;
      options.onReloaded?.(reloaded);
    },
  });
  const inFlight = { instances: 0 };
  showDeployment(metrics, () => revisions.current);
  const viewNames = (): Iterable<string> => revisions.current.plan.views.keys();
  showSources(metrics, () => revisions.current);
  showRows(metrics, () => revisions.current);
  showProcess(metrics, { revision: () => revisions.current.revision, registry, inFlight, disabled, views: viewNames });

  let draining = false;
  const statuses = (): ModelStatus[] => modelStatuses(revisions.current);
  const notReady = (): string | undefined =>
    draining
      ? 'The server is draining.'
      : (statuses().find(({ ready }) => !ready)?.problem ?? missingPart(revisions.current));
  const httpOptions = {
    get bodyBytes() {
      return revisions.current.checked.config.limits.bodyBytes;
    },
    requestTimeoutMs: config.limits.requestTimeout,
    onReply: observeReplies(metrics, logger, (model) => revisions.current.models.has(model)),
  };

  const front = new HttpServer(httpOptions);
  addHealthRoutes(front, notReady);
  addV1Routes(front, {
    predict: pipeline(revisions, inFlight, metrics),
    models: statuses,
    onReply: httpOptions.onReply,
  });
  front.route('GET', '/openapi.json', () => {
    const { plan, checked } = revisions.current;
    return describeApi(plan, checked.config.project);
  });

  const admin = new HttpServer(httpOptions);
  let drained: Promise<void> | undefined;
  const drain = (): Promise<void> => (drained ??= drainOnce());
  addAdminRoutes(admin, {
    metrics: async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
    health: () => ({
      ready: notReady() === undefined,
      revision: revisions.current.revision,
      models: statuses(),
      disabledViews: Object.fromEntries(disabled.remainingMs),
    }),
    plan: () => describePlan(revisions.current.plan, revisions.current.checked),
    config: () => revisions.current.checked.config,
    reload: async () => reloadAnswer(await reloader.reload(), revisions.current.checked.folder),
    drain: () => void drain(),
    views: viewNames,
    disable(view, forMs) {
      disabled.disable(view, forMs);
      logger.warn({ view, forMs }, forMs > 0 ? 'a view is switched off' : 'a view is switched on');
    },
    push: openPush({
      pin: revisions.pin,
      current: () => revisions.current,
      onPushed: (view, rows) => metrics.pushedRows.inc({ view }, rows),
      onRefused: (view, code) => metrics.refusedPushes.inc({ view, code }),
    }),
    token: () => adminToken(revisions.current.checked),
  });

  const drainOnce = async (): Promise<void> => {
    draining = true;
    options.onDrain?.();
    const { delay, timeout } = revisions.current.checked.config.server.drain;
    await new Promise((resolve) => setTimeout(resolve, delay));
    await within(timeout, front.close());
    await within(1000, admin.close());
    await revisions.close();
  };

  try {
    const { http, admin: adminConfig } = config.server;
    const httpAt = await front.listen(options.host ?? http.host, options.port ?? http.port);
    const adminAt = await admin.listen(adminConfig.host, options.adminPort ?? adminConfig.port);
    return {
      listening: { http: httpAt, grpc: null, admin: adminAt },
      get deployment() {
        return revisions.current;
      },
      pin: revisions.pin,
      reload: () => reloader.reload(),
      ready: allReady(revisions),
      drain,
    };
  } catch (error) {
    await drain();
    throw error;
  }
}

/** The wrappers round the core of predict, in their order: a refused call is not measured as an answer. */
function pipeline(revisions: Revisions, inFlight: { instances: number }, metrics: Metrics): Predict {
  const predict = createPredict(revisions.pin, { now: monotonicMs, past: undefined });
  return withAdmission(withMetrics(predict, metrics), () => revisions.current.checked.config.limits, inFlight);
}

/** Read when it is used, so that a secret that is rotated needs no reload. */
function adminToken(checked: CheckedConfig): string | undefined {
  const { token } = checked.config.server.admin;
  return token === undefined ? undefined : checked.readSecret(token);
}

function modelStatuses(deployment: Deployment): ModelStatus[] {
  return Array.from(deployment.models.values(), (model) => {
    const { plan, client } = model;
    const problem = whyNotReady(model) ?? deployment.warmUp?.problemOf(plan.name);
    return { name: plan.name, ready: problem === undefined, version: client?.modelVersion ?? '', problem };
  });
}

/** What `server.readiness.requires` names and is not there; of no other store or service does readiness depend. */
function missingPart({ checked, stores, services }: Deployment): string | undefined {
  const { requires } = checked.config.server.readiness;
  const store = requires.find((name) => stores.get(name)?.isReachable === false);
  if (store !== undefined) return `The store "${store}" cannot be reached.`;
  const service = requires.find((name) => services.has(name) && services.get(name)?.breaker !== 'closed');
  return service === undefined ? undefined : `The service "${service}" fails.`;
}

/** A deployment that is replaced while it is waited for will never be ready; the one in its place may. */
async function allReady(revisions: Revisions): Promise<void> {
  for (let isReady = false; !isReady;) {
    const { models, warmUp } = revisions.current;
    const ready = Promise.all(Array.from(models.values(), modelReady)).then(() => warmUp?.over);
    isReady = await Promise.race([ready.then(() => true), revisions.swapped.then(() => false)]);
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
