import { readFileSync } from 'node:fs';
import type { CheckedConfig } from '../config/checked.ts';
import { CallSignal } from '../foundation/cancel-signal.ts';
import { AppError } from '../foundation/errors.ts';
import { createLogger } from '../foundation/telemetry/logger.ts';
import type { DeployedModel } from '../orchestrator/deployment.ts';
import { analyseAnswer, type Analysis } from './analysis.ts';
import { isReadyWithin, onlyModel } from './the-model.ts';

export interface AnalyzeOptions {
  /** File of a V1 body; `-` is standard input. */
  request: string;
  model: string | undefined;
  stateDir: string | undefined;
  /** Instances to show. */
  rows: number;
}

const now = (): number => performance.now();

/** A model that runs is connected to within a few ms; one that does not is not waited for. */
const READY_WITHIN_MS = 500;

/**
 * Answers one request as the server would, with a watch on every step. The stores are opened, no front is; the model is
 * asked where its wrapper runs. Rejects with what the server would have refused the request with.
 */
export async function analyseRequest(checked: CheckedConfig, options: AnalyzeOptions): Promise<Analysis> {
  const name = options.model ?? onlyModel(Object.keys(checked.config.models));
  const body = readRequest(options.request);
  const { openDeployment } = await import('../orchestrator/deployment.ts');
  const { createPredict } = await import('../orchestrator/predict/predict.ts');
  const { decodeCallBody } = await import('../orchestrator/predict/call-body.ts');
  const { StepWatch } = await import('../orchestrator/predict/step-watch.ts');
  const watch = new StepWatch(now);
  const deployment = await openDeployment(checked, {
    ...(options.stateDir === undefined ? {} : { stateDir: options.stateDir }),
    models: true,
    logger: createLogger('error', 'explain'),
    now,
    wrapSource: watch.wrapSource,
    onViewFailure: () => {}, // the values' statuses have it
  });
  try {
    const model = deployment.models.get(name);
    if (model) watch.follow(model);
    const notAsked = model && (await whyNotAsked(model));
    const predict = createPredict(() => ({ deployment, release: () => {} }), { now, past: undefined });
    const answer = await predict({
      id: 'explain',
      model: name,
      want: notAsked === undefined ? 'both' : 'features',
      arrivedAt: { epochMs: Date.now(), monotonicMs: now() },
      // By the fronts' own decoder, so that it is refused in the server's words.
      ...decodeCallBody(body, 'features'),
      signal: new CallSignal(),
    });
    return analyseAnswer(deployment.plan.models.get(name)!, answer, watch.steps, { shown: options.rows, notAsked });
  } finally {
    await deployment.close();
  }
}

function readRequest(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
}

/** Undefined where the model can be asked. */
async function whyNotAsked(model: DeployedModel): Promise<string | undefined> {
  await isReadyWithin(model, READY_WITHIN_MS);
  if (model.problem) return `${model.problem.message} Features only.`;
  return model.readOutputs ? undefined : 'The model is not running (tandem wrap): features only.';
}
