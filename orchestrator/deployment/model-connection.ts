import { codesKey } from '../../foundation/codes-key.ts';
import type { AppError } from '../../foundation/errors.ts';
import type { ModelClient } from '../model/client.ts';
import type { ModelClientCounters } from '../model/counters.ts';
import { openModelClient } from '../model/open-client.ts';
import { isUnreachable } from '../model/status.ts';
import type { ModelPlan } from '../plan/plan.ts';
import type { Shared } from './registry.ts';

/** A client that deployments share for as long as they send the same layout to the same place. */
export interface ModelConnection extends Shared {
  client: ModelClient;
  /** Resolves with the first reason for which a server that is there would not serve the model. */
  refused: Promise<AppError>;
  close(): Promise<void>;
}

/** All that a client depends on. Another list of features is another client: the wrapper loads the model anew for it. */
export function connectionConfig(model: ModelPlan, address: string) {
  const { tensors, dtype } = model;
  const numbers = dtype === 'float32' ? 'FP32' : 'FP64';
  const features = model.features.map((feature) => {
    const { name, slot, codes } = feature;
    const datatype = slot.type === 'string' && codes === undefined ? 'BYTES' : numbers;
    return { name, type: slot.type, datatype, ...(codes && { codes: codesKey([...codes.keys()]) }) };
  });
  return { address, model: model.name, features, tensors, dtype };
}

/** Returns at once: the client is on its way, and says when it is there. */
export function openModelConnection(
  config: ReturnType<typeof connectionConfig>,
  options: { counters: ModelClientCounters; clock: () => number; onProblem: (problem: AppError) => void },
): ModelConnection {
  const { counters, clock } = options;
  const refused = Promise.withResolvers<AppError>();
  const onProblem = (problem: AppError): void => {
    options.onProblem(problem);
    if (!isUnreachable(problem)) refused.resolve(problem);
  };
  const client = openModelClient({ ...config, counters, clock, onProblem });
  return { client, refused: refused.promise, close: () => client.close() };
}
