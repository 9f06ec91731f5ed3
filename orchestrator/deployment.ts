import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { CheckedConfig } from '../config/checked.ts';
import { identityOf } from '../config/secret.ts';
import type { AppError } from '../foundation/errors.ts';
import { DurationSeries } from '../foundation/telemetry/duration-histogram.ts';
import type { Logger } from '../foundation/telemetry/logger.ts';
import type { StatusName } from './plan/column.ts';
import { Leases } from './deployment/leases.ts';
import type { ModelConnection } from './deployment/model-connection.ts';
import type { FunctionsConnection } from './deployment/open-functions.ts';
import { openModel } from './deployment/open-model.ts';
import { openSources } from './deployment/open-sources.ts';
import { Registry } from './deployment/registry.ts';
import { WarmUp } from './deployment/warm-up.ts';
import { readWarmUpFiles } from './deployment/warm-up-files.ts';
import type { ValueCounts } from './deployment/value-counts.ts';
import type { FeatureSource, Store } from './features/source.ts';
import type { ViewCache } from './features/cache/view-cache.ts';
import type { Service } from './features/service/open-service.ts';
import type { RowCounts } from './features/watched-rows.ts';
import type { Matrix } from './matrix/matrix.ts';
import type { ModelClient } from './model/client.ts';
import type { ModelClientCounters } from './model/counters.ts';
import { compilePlan } from './plan/compile-plan.ts';
import type { ModelPlan, Plan, ViewPlan } from './plan/plan.ts';
import type { DecodeInputs, ExtraInputs } from './predict/decode-inputs.ts';
import type { Gather } from './predict/gather.ts';
import type { ReadOutputs } from './predict/outputs.ts';

/** A model of a running deployment: its compiled steps, and the client to where it is hosted. */
export interface DeployedModel {
  plan: ModelPlan;
  decode: DecodeInputs;
  extraInputs: ExtraInputs;
  gather: Gather;
  /** By view: what this deployment's gatherers and those before them have counted. */
  valueCounts: ReadonlyMap<string, ValueCounts>;
  matrix: Matrix;
  /** Undefined where only features are asked for, like `client`. */
  connection: ModelConnection | undefined;
  /** Undefined where only features are asked for (`tandem batch` without `--predict`). */
  client: ModelClient | undefined;
  /** Undefined where no feature of the model is a function. */
  functions: FunctionsConnection | undefined;
  counters: ModelClientCounters;
  /** The reader of the loaded model's outputs; undefined until it has been loaded once. */
  readOutputs: ReadOutputs | undefined;
  /** Why a loaded model cannot serve: its outputs are not those that the YAML names. */
  problem: AppError | undefined;
}

/** One immutable running set of configuration, plan, models and connections. */
export interface Deployment {
  /** Hash of the configuration that runs. */
  revision: string;
  checked: CheckedConfig;
  plan: Plan;
  models: ReadonlyMap<string, DeployedModel>;
  stores: ReadonlyMap<string, Store>;
  services: ReadonlyMap<string, Service>;
  /** By view. */
  caches: ReadonlyMap<string, ViewCache>;
  /** By view. */
  rowCounts: ReadonlyMap<string, RowCounts>;
  /** Undefined where nothing is to be warm (`tandem batch`). */
  warmUp: WarmUp | undefined;
  /** Lets go of what it holds; what no other deployment uses is closed. */
  close(): Promise<void>;
}

/** A deployment held by a call until its answer is written. */
export interface Pin {
  deployment: Deployment;
  release: () => void;
}

export interface DeploymentOptions {
  /** Absolute; default `server.stateDir` beside the file. */
  stateDir?: string;
  /** Where the processes of functions have their sockets, absolute; default `stateDir`. */
  functionsDir?: string;
  /** False opens no connection to the models: features only. */
  models: boolean;
  logger: Logger;
  now: () => number;
  /** Where connections are found that another deployment has open. Default: one of its own. */
  registry?: Registry;
  /** Put round every view's source. */
  wrapSource?: (source: FeatureSource, view: string) => FeatureSource;
  onViewFailure(view: string, status: StatusName): void;
  /** Where the times of a service's calls are counted. Default: nowhere that is read. */
  serviceDurations?: (service: string) => DurationSeries;
  /** Told of each request of a warm-up. Default: nothing is warmed up, and no file for it is read. */
  onWarmUpRequest?: (model: string, isAnswered: boolean) => void;
}

/** The folder of stores and sockets: `--state-dir`, else `server.stateDir` beside the YAML. */
export function stateFolder(checked: CheckedConfig, stateDir: string | undefined): string {
  return stateDir === undefined ? resolve(checked.folder, checked.config.server.stateDir) : resolve(stateDir);
}

/**
 * Opens what a checked configuration names. Rejects with AppError where something cannot be opened, leaving nothing open;
 * its details' `field` is the key of the YAML that is about it.
 */
export async function openDeployment(checked: CheckedConfig, options: DeploymentOptions): Promise<Deployment> {
  const leases = new Leases(options.registry ?? new Registry());
  try {
    return await openWith(leases, checked, options);
  } catch (error) {
    await leases.release();
    throw error;
  }
}

async function openWith(leases: Leases, checked: CheckedConfig, options: DeploymentOptions): Promise<Deployment> {
  const stateDir = stateFolder(checked, options.stateDir);
  const plan = compilePlan(checked);
  const { wrapSource = (source) => source, serviceDurations = (service) => new DurationSeries({ service }) } = options;
  const { now, logger } = options;
  const onNothingFound = (view: ViewPlan): void => logger.warn(aboutNothingFound(view, checked), NOTHING_FOUND);
  const onRefused = (store: string, err: Error): void => logger.warn({ store, err }, NOT_TOLD);
  const around = { leases, stateDir, now, wrapSource, serviceDurations, onNothingFound, onRefused };
  const { stores, services, caches, rowCounts, sources } = await openSources(checked, plan, around);
  for (const [store, { isReachable }] of stores) {
    if (isReachable === false) logger.warn({ store }, 'a store cannot be reached; it is sought until it can');
  }
  const warmUp = openWarmUp(checked, plan, options);
  if (warmUp) leases.beforeRelease(() => warmUp.stop());
  const models = new Map<string, DeployedModel>();
  for (const [name, model] of plan.models) {
    models.set(name, await openModel(model, { checked, plan, sources, stateDir, leases, options }));
  }
  return {
    revision: createHash('sha256').update(identityOf(checked.config)).digest('hex').slice(0, 12),
    checked,
    plan,
    models,
    stores,
    services,
    caches,
    rowCounts,
    warmUp,
    close: () => leases.release(),
  };
}

const NOTHING_FOUND = 'the first 1000 keys of a view have no row: is its table filled, by the same key?';

const NOT_TOLD = 'a server does not tell of rows that change: cached rows are fetched anew by their ttl';

/** Where the rows of a view should lie: keys themselves are the callers' business. */
function aboutNothingFound({ name, origin, key }: ViewPlan, { config }: CheckedConfig): Record<string, string> {
  if (origin.kind === 'service') return { view: name, service: origin.service };
  const parts = key.map(({ part }) => `{${part}}`).join('|');
  return { view: name, store: origin.store, key: `${config.project}:${origin.table}:${parts}` };
}

function openWarmUp(checked: CheckedConfig, plan: Plan, options: DeploymentOptions): WarmUp | undefined {
  const { logger, now, onWarmUpRequest } = options;
  if (!onWarmUpRequest) return undefined;
  const files = readWarmUpFiles(checked, plan);
  return new WarmUp({ files, logger, now, epochMs: Date.now, onRequest: onWarmUpRequest });
}

/** Whether a model can be asked: it is loaded, as are its functions, and answers what the YAML names. */
export const isModelReady = (model: DeployedModel): boolean => whyNotReady(model) === undefined;

/** Why a model cannot be asked, in a sentence; undefined where it can. */
export function whyNotReady({ plan, client, readOutputs, problem, functions }: DeployedModel): string | undefined {
  if (problem) return problem.message;
  if (client?.ready !== true || readOutputs === undefined) return `The model "${plan.name}" is not loaded.`;
  return functions?.client.ready === false ? `The functions of the model "${plan.name}" are not loaded.` : undefined;
}

/** Resolves once the model can be asked, its functions too; at once where it can already, or where no client was opened. */
export async function modelReady({ client, functions }: DeployedModel): Promise<void> {
  await Promise.all([clientReady(client), functionsReady(functions)]);
}

/** Resolves once a model's functions can be called; at once where it has none. */
export const functionsReady = (functions: DeployedModel['functions']): Promise<void> => clientReady(functions?.client);

async function clientReady(client: ModelClient | undefined): Promise<void> {
  if (!client || client.ready) return;
  const ready = Promise.withResolvers<void>();
  client.onReadyChange((isReady) => isReady && ready.resolve());
  await ready.promise;
}
