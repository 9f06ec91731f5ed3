import { argumentColumns, functionsAddress, functionsName, functionsOf } from '../../config/model-functions.ts';
import { wrapperTarget } from '../../foundation/socket-path.ts';
import type { Logger } from '../../foundation/telemetry/logger.ts';
import { newCounters, type ModelClientCounters } from '../model/counters.ts';
import type { Functions } from '../on-demand/functions.ts';
import type { ModelPlan } from '../plan/plan.ts';
import { openModelConnection, type ModelConnection } from './model-connection.ts';
import type { ModelSurroundings } from './open-model.ts';

/** The process that hosts a model's functions, which on the wire is a model as any other. */
export interface FunctionsConnection extends ModelConnection, Functions {
  counters: ModelClientCounters;
}

/** Leases the connection to the functions that a model needs; undefined where it needs none. */
export async function openFunctions(
  { name: model }: ModelPlan,
  { checked, stateDir, leases, options }: ModelSurroundings,
  log: Logger,
): Promise<FunctionsConnection | undefined> {
  const functions = functionsOf(checked, model);
  if (functions.length === 0) return undefined;
  const name = functionsName(model);
  const counters = await leases.take('counters', { model: name }, () => ({ ...newCounters(), close() {} }));
  const address = wrapperTarget(name, functionsAddress(model, functions), options.functionsDir ?? stateDir);
  const features = argumentColumns(functions);
  const config = { address, model: name, features, tensors: 'columns', dtype: 'float64' } as const;
  const connection = await leases.take('model', config, () =>
    openModelConnection(config, {
      counters,
      clock: options.now,
      onProblem: (problem) => log.debug({ err: problem }, 'the functions are not reachable'),
    }),
  );
  const { client } = connection;
  const leave = client.onReadyChange((isReady) => {
    if (isReady) log.info('the functions are ready');
    else log.warn('the functions went away');
  });
  leases.beforeRelease(leave);
  return { ...connection, counters, call: async (columns, call) => (await client.infer(columns, call)).outputs };
}
