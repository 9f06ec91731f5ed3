import type { CheckedConfig } from '../../config/checked.ts';
import { asAppError } from '../../foundation/errors.ts';
import { wrapperTarget } from '../../foundation/socket-path.ts';
import { LogRarely } from '../../foundation/telemetry/log-rarely.ts';
import type { Logger } from '../../foundation/telemetry/logger.ts';
import type { DeployedModel, DeploymentOptions } from '../deployment.ts';
import { ViewDisabled } from '../features/disabled-views.ts';
import type { FeatureSource } from '../features/source.ts';
import { compileMatrix } from '../matrix/matrix.ts';
import { newCounters } from '../model/counters.ts';
import type { ModelPlan, Plan } from '../plan/plan.ts';
import { compileDecoder } from '../predict/decode-inputs.ts';
import { compileGather } from '../predict/gather.ts';
import { compileOutputs } from '../predict/outputs.ts';
import type { Leases } from './leases.ts';
import { connectionConfig, openModelConnection, type ModelConnection } from './model-connection.ts';
import { openFunctions } from './open-functions.ts';
import { ValueCounts } from './value-counts.ts';

/** What the models of one deployment are opened with. */
export interface ModelSurroundings {
  checked: CheckedConfig;
  plan: Plan;
  sources: ReadonlyMap<string, FeatureSource>;
  /** Absolute. */
  stateDir: string;
  leases: Leases;
  options: DeploymentOptions;
}

/** Compiles one model's steps and leases what they use: its client, and the counts that go on from the last deployment. */
export async function openModel(model: ModelPlan, surroundings: ModelSurroundings): Promise<DeployedModel> {
  const { plan, sources, leases, options } = surroundings;
  const { name } = model;
  const log = options.logger.child({ model: name });
  const counters = await leases.take('counters', { model: name }, () => ({ ...newCounters(), close() {} }));
  const extraInputs = await leases.take('extraInputs', { model: name }, () => ({ ignored: 0, close() {} }));
  const rarely = new LogRarely(options.now);
  const functions = await openFunctions(model, surroundings, log);
  const gather = compileGather(
    model,
    (view) => sources.get(view)!,
    {
      now: options.now,
      onFailure(view, status, cause) {
        options.onViewFailure(view, status);
        if (cause instanceof ViewDisabled) return; // the operator knows
        rarely.of(`${view} ${status}`, (untold) =>
          log.warn({ view, status, untold, err: cause }, 'a view could not be read'),
        );
      },
    },
    functions && {
      functions,
      onFailure(feature, status, cause) {
        options.onViewFailure(feature, status);
        rarely.of(`${feature} ${status}`, (untold) =>
          log.warn({ feature, status, untold, err: cause }, FUNCTION_FAILED),
        );
      },
    },
  );
  const valueCounts = new Map<string, ValueCounts>();
  for (const { view, counts } of [...gather.views, ...gather.calls.flatMap(({ features }) => features)]) {
    const shared = await leases.take('valueCounts', { model: name, view }, () => new ValueCounts());
    shared.add(counts);
    leases.beforeRelease(() => shared.retire(counts));
    valueCounts.set(view, shared);
  }
  const deployed: DeployedModel = {
    plan: model,
    decode: compileDecoder(plan, model, extraInputs),
    extraInputs,
    gather,
    valueCounts,
    matrix: compileMatrix(model),
    connection: undefined,
    client: undefined,
    functions,
    counters,
    readOutputs: undefined,
    problem: undefined,
  };
  if (!options.models) return deployed;
  deployed.connection = await connect(deployed, surroundings, log);
  deployed.client = deployed.connection.client;
  followReadiness(deployed, leases, log);
  return deployed;
}

const FUNCTION_FAILED = 'a function gave no feature; where it failed by itself, the log of its process says why';

function connect(
  { plan, counters }: DeployedModel,
  { checked, stateDir, leases, options }: ModelSurroundings,
  log: Logger,
): Promise<ModelConnection> {
  const address = wrapperTarget(plan.name, checked.config.models[plan.name]?.wrapper.address, stateDir);
  const config = connectionConfig(plan, address);
  return leases.take('model', config, () =>
    openModelConnection(config, {
      counters,
      clock: options.now,
      onProblem: (problem) => log.debug({ err: problem }, 'the model is not reachable'),
    }),
  );
}

/** The client may be an earlier deployment's, and ready already. */
function followReadiness(deployed: DeployedModel, leases: Leases, log: Logger): void {
  const { client } = deployed;
  if (!client) return;
  const leave = client.onReadyChange((isReady) => {
    if (!isReady) log.warn('the model went away');
    else if (readSignature(deployed, log)) log.info({ version: client.modelVersion }, 'the model is ready');
  });
  leases.beforeRelease(leave);
  if (client.ready) readSignature(deployed, log);
}

/** A model that was loaded again may have other outputs: they are compared with the YAML each time. True where they fit. */
function readSignature(deployed: DeployedModel, log: Logger): boolean {
  if (!deployed.client?.signature) return false;
  try {
    deployed.readOutputs = compileOutputs(deployed.plan, deployed.client.signature);
    deployed.problem = undefined;
    return true;
  } catch (error) {
    deployed.problem = asAppError(error);
    log.error({ err: error }, 'the model does not fit the configuration');
    return false;
  }
}
