import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { CheckedConfig } from '../config/checked.ts';
import { AppError, asAppError } from '../foundation/errors.ts';
import { wrapperTarget } from '../foundation/socket-path.ts';
import type { Logger } from '../foundation/telemetry/logger.ts';
import type { StatusName } from './plan/column.ts';
import type { FeatureSource, Store } from './features/source.ts';
import { openStore } from './features/store/open-store.ts';
import { compileMatrix, type Matrix } from './matrix/matrix.ts';
import type { ModelClient } from './model/client.ts';
import { newCounters, type ModelClientCounters } from './model/counters.ts';
import { openModelClient } from './model/open-client.ts';
import { compilePlan } from './plan/compile-plan.ts';
import type { ModelPlan, Plan } from './plan/plan.ts';
import { compileDecoder, type DecodeInputs, type ExtraInputs } from './predict/decode-inputs.ts';
import { compileGather, type Gather } from './predict/gather.ts';
import { compileOutputs, type ReadOutputs } from './predict/outputs.ts';

/** A model of a running deployment: its compiled steps, and the client to where it is hosted. */
export interface DeployedModel {
  plan: ModelPlan;
  decode: DecodeInputs;
  extraInputs: ExtraInputs;
  gather: Gather;
  matrix: Matrix;
  /** Undefined where only features are asked for (`tandem batch` without `--predict`). */
  client: ModelClient | undefined;
  counters: ModelClientCounters;
  /** The reader of the loaded model's outputs; undefined until it has been loaded once. */
  readOutputs: ReadOutputs | undefined;
  /** True once the deployment is being closed: the model then goes away by our own doing. */
  isClosing: boolean;
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
  /** False opens no connection to the models: features only. */
  models: boolean;
  logger: Logger;
  now: () => number;
  /** Put round every view's source. */
  wrapSource?: (source: FeatureSource) => FeatureSource;
  onViewFailure(view: string, status: StatusName): void;
}

/** The folder of stores and sockets: `--state-dir`, else `server.stateDir` beside the YAML. */
export function stateFolder(checked: CheckedConfig, stateDir: string | undefined): string {
  return stateDir === undefined ? resolve(checked.folder, checked.config.server.stateDir) : resolve(stateDir);
}

/** Opens what a checked configuration names. Rejects with AppError where a store cannot be opened, leaving nothing open. */
export async function openDeployment(checked: CheckedConfig, options: DeploymentOptions): Promise<Deployment> {
  const stateDir = stateFolder(checked, options.stateDir);
  const plan = compilePlan(checked);
  refuseUnbuilt(plan);
  const stores = new Map<string, Store>();
  const closeStores = async (): Promise<void> => {
    await Promise.all(Array.from(stores.values(), (store) => store.close()));
  };
  try {
    for (const [name, config] of Object.entries(checked.config.stores)) {
      stores.set(name, await openStore(name, config, { project: checked.config.project, stateDir }));
    }
  } catch (error) {
    await closeStores();
    throw error;
  }
  const sources = new Map<string, FeatureSource>();
  const wrapSource = options.wrapSource ?? ((source) => source);
  for (const { name, origin } of plan.views.values()) {
    if (origin.kind === 'service') continue;
    sources.set(name, wrapSource(stores.get(origin.store)!.source(origin.table)));
  }
  const models = new Map<string, DeployedModel>();
  for (const [name, model] of plan.models)
    models.set(name, openModel(model, checked, plan, sources, stateDir, options));
  return {
    revision: createHash('sha256').update(JSON.stringify(checked.config)).digest('hex').slice(0, 12),
    checked,
    plan,
    models,
    stores,
    async close() {
      const closing = Array.from(models.values(), async (model) => {
        model.isClosing = true;
        await model.client?.close();
      });
      await Promise.all(closing);
      await closeStores();
    },
  };
}

/** What the language has and this version cannot run yet is refused, not passed over. */
function refuseUnbuilt({ views }: Plan): void {
  for (const { name, origin, cache } of views.values()) {
    const part = origin.kind === 'service' ? 'reads a service' : cache ? 'has a `cache`' : undefined;
    if (part) throw new AppError('NOT_READY', `The view "${name}" ${part}, which this version checks but cannot run.`);
  }
}

function openModel(
  model: ModelPlan,
  checked: CheckedConfig,
  plan: Plan,
  sources: ReadonlyMap<string, FeatureSource>,
  stateDir: string,
  options: DeploymentOptions,
): DeployedModel {
  const counters = newCounters();
  const extraInputs = { ignored: 0 };
  const log = options.logger.child({ model: model.name });
  const gather = compileGather(model, (view) => sources.get(view)!, {
    now: options.now,
    onFailure(view, status, cause) {
      options.onViewFailure(view, status);
      log.warn({ view, status, err: cause }, 'a view could not be read');
    },
  });
  const deployed: DeployedModel = {
    plan: model,
    decode: compileDecoder(plan, model, extraInputs),
    extraInputs,
    gather,
    matrix: compileMatrix(model),
    client: undefined,
    counters,
    readOutputs: undefined,
    isClosing: false,
    problem: undefined,
  };
  if (!options.models) return deployed;
  const address = checked.config.models[model.name]?.wrapper.address;
  const client = openModelClient({
    address: wrapperTarget(model.name, address, stateDir),
    model: model.name,
    features: model.features.map((feature) => ({ name: feature.name, type: feature.slot.type })),
    counters,
    clock: options.now,
    onProblem: (problem) => log.debug({ err: problem }, 'the model is not reachable'),
  });
  client.onReadyChange((isReady) => {
    if (isReady) readSignature(deployed, client, log);
    else if (!deployed.isClosing) log.warn('the model went away');
  });
  deployed.client = client;
  return deployed;
}

/** Resolves once the model can be asked; at once where it can already, or where no client was opened. */
export async function modelReady({ client }: DeployedModel): Promise<void> {
  if (!client || client.ready) return;
  const ready = Promise.withResolvers<void>();
  client.onReadyChange((isReady) => isReady && ready.resolve());
  await ready.promise;
}

/** A model that was loaded again may have other outputs: they are compared with the YAML each time. */
function readSignature(deployed: DeployedModel, client: ModelClient, log: Logger): void {
  if (!client.signature) return;
  try {
    deployed.readOutputs = compileOutputs(deployed.plan, client.signature);
    deployed.problem = undefined;
    log.info({ version: client.modelVersion }, 'the model is ready');
  } catch (error) {
    deployed.problem = asAppError(error);
    log.error({ err: error }, 'the model does not fit the configuration');
  }
}
