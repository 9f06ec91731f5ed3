import { AppError, asAppError, type ErrorCode } from '../../foundation/errors.ts';
import { nearestName } from '../../foundation/nearest.ts';
import type { DeployedModel, Deployment, Pin } from '../deployment.ts';
import type { Answer, Call, Degraded, Output, Predict } from './call.ts';
import { describeDegraded } from './degraded.ts';
import { fallbackOutputs } from './fallback.ts';
import { readIds } from './ids.ts';
import { rankRows } from './ranking.ts';
import { asOf, gatherRun, inferRun, instanceErrors, startRun, type Run, type RunOptions } from './run.ts';

/** The core of the pipeline: pin the revision, gather, lay out, ask the model, and give way to the fallback. */
export function createPredict(pin: () => Pin, options: RunOptions): Predict {
  return async (call) => {
    const pinned = pin();
    try {
      return await answerCall(call, pinned, options);
    } catch (error) {
      pinned.release();
      throw error;
    }
  };
}

async function answerCall(call: Call, pinned: Pin, options: RunOptions): Promise<Answer> {
  const { deployment } = pinned;
  const run = startRun(call, deployment, modelOf(call, deployment), options);
  const finish = (outputs: Output[], modelVersion: string, fallback: ErrorCode | undefined): Answer => {
    run.timing.total = options.now() - call.arrivedAt.monotonicMs;
    return answerOf(run, pinned, outputs, modelVersion, fallback);
  };
  try {
    if (call.want !== 'features') failUnlessLoaded(run.model);
    const gathering = gatherRun(run, options);
    if (gathering) await gathering;
    if (call.want === 'features') return finish([], run.model.client?.modelVersion ?? '', undefined);
    const { outputs, modelVersion } = await inferRun(run, options);
    return finish(outputs, modelVersion, undefined);
  } catch (thrown) {
    const error = asAppError(thrown);
    const outputs = call.want !== 'features' ? fallbackOutputs(run, error) : undefined;
    if (outputs === undefined) throw error;
    return finish(outputs, run.model.client?.modelVersion ?? '', error.code);
  }
}

function answerOf(
  run: Run,
  pinned: Pin,
  outputs: Output[],
  modelVersion: string,
  fallback: ErrorCode | undefined,
): Answer {
  const { call, frame, model, deployment } = run;
  const topK = call.parameters.topK ?? model.plan.topK;
  const [first] = outputs;
  return {
    rows: frame.rows,
    outputs,
    gathered: call.want === 'outputs' ? [] : model.matrix.columns(frame, call.features),
    ids: readIds(model.plan.id, frame),
    ranking: topK === undefined || first === undefined ? undefined : rankRows(first.values, topK),
    degraded: degradedOf(run),
    errors: instanceErrors(run),
    fallback,
    revision: deployment.revision,
    modelVersion,
    asOfMs: asOf(run),
    timing: run.timing,
    release: pinned.release,
  };
}

/** Views in the order of the plan, then functions, whichever was there first: the same request has the same answer. */
function degradedOf({ call, model, report }: Run): Degraded[] {
  if (report.views.length === 0) return [];
  const { views, calls } = model.gather;
  const inOrder = [...views, ...calls.flatMap(({ features }) => features)].flatMap(
    ({ view }) => report.views.find((each) => each.view === view) ?? [],
  );
  return describeDegraded(inOrder, call.parameters.degraded === 'full');
}

function modelOf(call: Call, deployment: Deployment): DeployedModel {
  const model = deployment.models.get(call.model);
  if (!model) {
    const near = nearestName(call.model, [...deployment.models.keys()]);
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
    throw new AppError('UNKNOWN_MODEL', `There is no model of that name.${hint}`);
  }
  const version = model.client?.modelVersion;
  if (call.version !== undefined && call.version !== version) {
    throw new AppError('UNKNOWN_MODEL', `The model "${call.model}" is not served in that version.`);
  }
  return model;
}

/** A model that never loaded is not ready, which no fallback covers; one that went away is WRAPPER_UNAVAILABLE. */
function failUnlessLoaded(model: DeployedModel): void {
  if (model.problem) throw model.problem;
  if (!model.readOutputs) throw new AppError('NOT_READY', `The model "${model.plan.name}" is not loaded yet.`);
}
