import { AppError, callerGone } from '../../foundation/errors.ts';
import type { DeployedModel, Deployment } from '../deployment.ts';
import type { GatherReport } from '../features/gather-view.ts';
import type { PastRows } from '../features/view-policies.ts';
import { newFrame, type Frame } from '../plan/frame.ts';
import type { Call, InstanceError, Output, Timing } from './call.ts';
import { countInstances } from './decode-inputs.ts';

/** One call on its way through a pinned deployment: what each stage leaves for the next, and for the fallback. */
export interface Run {
  call: Call;
  deployment: Deployment;
  model: DeployedModel;
  frame: Frame;
  report: GatherReport;
  /** Errors of instances that cannot be scored, by row; undefined while there is none. */
  failures: (AppError | undefined)[] | undefined;
  /** Monotonic moments after which the features, and the whole answer, are too late. */
  featuresDeadlineMs: number;
  deadlineMs: number;
  timing: Timing;
}

export interface RunOptions {
  now: () => number;
  /** Set by `tandem batch`: rows later than a past instance's asOf did not exist then. */
  past: PastRows | undefined;
  /** In place of the models' own deadlines: nobody waits for a call of a batch. */
  deadlineMs?: number;
}

export function startRun(call: Call, deployment: Deployment, model: DeployedModel, options: RunOptions): Run {
  const rows = countInstances(call.instances, deployment.checked.config.limits.instances);
  const { plan } = model;
  const deadlineMs = options.deadlineMs ?? plan.deadlineMs;
  const budgetMs = Math.min(deadlineMs, call.deadlineMs ?? deadlineMs);
  const start = call.arrivedAt.monotonicMs;
  return {
    call,
    deployment,
    model,
    frame: newFrame(deployment.plan.slotCount, rows, call.want !== 'outputs'),
    report: { views: [], failures: undefined },
    failures: undefined,
    featuresDeadlineMs: start + plan.featuresMs * (budgetMs / plan.deadlineMs),
    deadlineMs: start + budgetMs,
    timing: { decode: 0, features: 0, matrix: 0, model: 0, total: 0 },
  };
}

/** Decodes the inputs and gathers the features: all that happens before the model. No promise where no source gives one. */
export function gatherRun(run: Run, options: RunOptions): Promise<void> | undefined {
  const { call, model, frame } = run;
  const startMs = options.now();
  run.failures = model.decode(call, frame);
  const decodedMs = options.now();
  run.timing.decode = decodedMs - startMs;
  // Only now: a bad request is refused however late it is, and a late one has its ids and its bad instances told.
  if (run.failures) failUnlessPartial(run);
  failIfOver(run, decodedMs);
  const asOfMs = asOf(run);
  const pending = model.gather.run(
    frame,
    {
      asOfMs,
      deadlineMs: run.featuresDeadlineMs,
      signal: call.signal,
      times: { asOfMs, past: options.past },
      ...(call.trace === undefined ? {} : { trace: call.trace }),
    },
    run.report,
  );
  if (pending) return pending.then(() => finishGathering(run, options, decodedMs));
  finishGathering(run, options, decodedMs);
}

/** Which instances have failed by then, and whether the call has. */
function finishGathering(run: Run, options: RunOptions, decodedMs: number): void {
  const { model, frame } = run;
  for (const { row, error } of model.matrix.categoryFailures(frame)) addFailure(run, row, error);
  run.report.failures?.forEach((error, row) => error && addFailure(run, row, error));
  const endMs = options.now();
  run.timing.features = endMs - decodedMs;
  failIfOver(run, endMs);
  if (run.failures) failUnlessPartial(run);
}

/** Lays the matrix out and asks the model about the instances that have not failed. */
export async function inferRun(run: Run, options: RunOptions): Promise<{ outputs: Output[]; modelVersion: string }> {
  const { call, model, frame } = run;
  const { client, readOutputs } = model;
  if (model.problem) throw model.problem;
  if (!client || !readOutputs) throw new AppError('NOT_READY', `The model "${model.plan.name}" is not loaded yet.`);
  const startMs = options.now();
  const rows = goodRows(run);
  const tensors = model.matrix.tensors(frame, rows);
  const laidOutMs = options.now();
  run.timing.matrix = laidOutMs - startMs;
  const result = await client.infer(tensors, {
    rows: rows?.length ?? frame.rows,
    deadlineMs: run.deadlineMs,
    signal: call.signal,
    ...(hasParameters(call) ? { parameters: JSON.stringify(call.parameters) } : {}),
    ...(call.trace === undefined ? {} : { trace: call.trace }),
  });
  run.timing.model = options.now() - laidOutMs;
  return { outputs: readOutputs(result, frame.rows, rows), modelVersion: result.modelVersion };
}

/** The moment the call is about: its asOf input, or its arrival where it names none. */
export function asOf(run: Run): number {
  const slot = run.deployment.plan.asOf?.slot;
  const given = slot === undefined ? Number.NaN : (run.frame.values[slot]?.[0] as number | undefined);
  return given === undefined || Number.isNaN(given) ? run.call.arrivedAt.epochMs : given;
}

function failIfOver(run: Run, nowMs: number): void {
  if (run.call.signal.aborted) throw callerGone();
  if (nowMs >= run.deadlineMs)
    throw new AppError('DEADLINE_EXCEEDED', 'The deadline passed before the features were there.');
}

function addFailure(run: Run, row: number, error: AppError): void {
  run.failures ??= Array.from<AppError | undefined>({ length: run.frame.rows });
  run.failures[row] ??= error;
}

/** One bad instance fails a call that is not partial, and so do bad instances only: by whose fault they are. */
function failUnlessPartial(run: Run): void {
  const errors = (run.failures ?? []).filter((error) => error !== undefined);
  const [first] = errors;
  if (!first || (run.model.plan.partial && errors.length < run.frame.rows)) return;
  const unavailable = errors.find((error) => error.code !== 'INVALID_INPUT');
  const details = errors.flatMap((error) => error.details).slice(0, 20);
  const cause = unavailable ?? first;
  throw new AppError(cause.code, cause.message, { details });
}

/** The instances to score; undefined when that is all of them. */
function goodRows(run: Run): Int32Array | undefined {
  const { failures } = run;
  if (!failures) return undefined;
  const rows = Array.from({ length: run.frame.rows }, (_, row) => row).filter((row) => failures[row] === undefined);
  return Int32Array.from(rows);
}

export function instanceErrors(run: Run): InstanceError[] {
  return (run.failures ?? []).flatMap((error, instance) => (error ? [{ instance, error }] : []));
}

function hasParameters(call: Call): boolean {
  for (const _ in call.parameters) return true;
  return false;
}
