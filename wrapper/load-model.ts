import { AppError } from '../foundation/errors.ts';
import type { Logger } from '../foundation/telemetry/logger.ts';
import { batched } from './batching/batching.ts';
import { FailureLog } from './failure-log.ts';
import type { HostSpec } from './host-spec.ts';
import { compileInputs, type ReadInputs } from './inputs.ts';
import type { HostedLayout } from './layout.ts';
import { modelVersion } from './model-version.ts';
import { openPredictor, type OutputSpec } from './open-predictor.ts';
import { PartRunner, RUNNER_LIMITS } from './part-runner.ts';

/** A model that answers calls of one layout. */
export interface LoadedModel {
  version: string;
  layout: HostedLayout;
  features: readonly string[];
  readInputs: ReadInputs;
  outputs: OutputSpec[];
  runner: PartRunner;
  /** The rows of one call belong together. */
  isAtomic: boolean;
}

const ATOMIC_BATCHING =
  '`wrapper.batching` computes calls together, and the predictor says that it is `atomic`; one of the two has to go.';

/** Opens the spec's predictor for calls of this layout. Rejects with the AppError that says what is wrong. */
export async function loadModel(
  spec: HostSpec,
  layout: HostedLayout,
  log: Logger,
  clock: () => number,
): Promise<LoadedModel> {
  const startedMs = clock();
  const slow = setInterval(() => {
    const seconds = Math.round((clock() - startedMs) / 1000);
    log.warn(
      { model: spec.model },
      `\`load\` has not finished after ${seconds} s; the model is not ready until it does`,
    );
  }, spec.hangAfterMs);
  try {
    const { predictor, modelUri, threads, batching } = spec;
    const opened = await openPredictor({ predictor, modelUri, featureCount: layout.features.length, threads });
    if (batching && opened.isAtomic) throw new AppError('NOT_READY', ATOMIC_BATCHING);
    const failures = new FailureLog(log, clock);
    return {
      version: await modelVersion({ predictor, modelUri }),
      layout,
      features: layout.features.map(({ name }) => name),
      readInputs: compileInputs(layout),
      outputs: opened.outputs,
      isAtomic: opened.isAtomic,
      runner: new PartRunner({
        predict: batching ? batched(opened.predict, batching, clock) : opened.predict,
        clock,
        onFailure: (error) => failures.report(error),
        // All that wait can be computed together, so all are started.
        ...(batching && { limits: { ...RUNNER_LIMITS, startsATurn: Number.POSITIVE_INFINITY } }),
      }),
    };
  } finally {
    clearInterval(slow);
  }
}
