import { AppError, asAppError } from '../../foundation/errors.ts';
import type { ModelPlan, Plan } from '../../orchestrator/plan/plan.ts';
import type { Call, Predict } from '../../orchestrator/predict/call.ts';
import { compileDrop } from '../../orchestrator/predict/drop.ts';
import { openRowFile } from '../open-file.ts';
import type { OnProgress } from '../progress.ts';
import { formatOf, writtenFormatOf } from '../file-format.ts';
import { openTableWriter, type TableWriter } from '../table-writer.ts';
import type { BatchCall, BatchInput } from './batch-call.ts';
import { holdsBodies, openBodies } from './body-calls.ts';
import { inOrder } from './in-order.ts';
import { layOut, type CallResult, type Layout } from './layout.ts';
import { openRows } from './row-calls.ts';

export interface BatchOptions {
  predict: Predict;
  plan: Plan;
  model: string;
  /** Rows of one call at most: `limits.instances`. */
  maxRows: number;
  instances: string;
  out: string;
  statuses: boolean;
  predictions: boolean;
  /** Features to do without, as a caller's `parameters.drop`. */
  drop: readonly string[];
  /** Wall clock, for calls whose request names no asOf; and the monotonic clock of deadlines. */
  clock: { epochMs(): number; monotonicMs(): number };
  onProgress?: OnProgress;
  signal: AbortSignal;
}

/** Rows without features or without a prediction, and why. */
interface FailedRow {
  place: number;
  code: string;
  problem: string;
}

export interface BatchResult {
  rows: number;
  calls: number;
  /** Rows whose features are null because their instance or call failed; the first 100 are listed. */
  failed: number;
  listed: FailedRow[];
  /** Rows whose prediction is the model's fallback. */
  fallback: number;
  unit: 'line' | 'row';
}

const LISTED = 100;
/** Calls that wait for the model at once; features come from an embedded store, where waiting gains nothing. */
const CALLS_IN_FLIGHT = 8;

/**
 * Scores a file: every row through `predict`, as a caller's request would be, its features (and predictions) into `out`.
 * The output has each row of the input, in its order. Throws INVALID_INPUT where the file does not fit the model.
 */
export async function runBatch(options: BatchOptions): Promise<BatchResult> {
  const { plan, model, out, signal } = options;
  const modelPlan = plan.models.get(model);
  if (!modelPlan) throw new AppError('UNKNOWN_MODEL', `There is no model "${model}".`);
  checkDropped(options.drop, plan, modelPlan);
  writtenFormatOf(out);
  const input = await openInput(options);
  const result: BatchResult = { rows: 0, calls: 0, failed: 0, listed: [], fallback: 0, unit: input.unit };
  let layout: Layout | undefined;
  let writer: TableWriter | undefined;
  try {
    const limit = options.predictions ? CALLS_IN_FLIGHT : 1;
    for await (const { call, answered } of inOrder(input.calls(), limit, (next) => score(next, options, result))) {
      if (signal.aborted) throw new AppError('CANCELLED', 'The batch was cancelled.');
      layout ??= layOut(input.passing, modelPlan, options, call, answered);
      writer ??= await openTableWriter(out, layout.columns);
      writer.append(layout.cells(call, answered), 0, call.rows);
      result.rows += call.rows;
      result.calls++;
      options.onProgress?.({ rows: result.rows, totalRows: input.totalRows, done: false });
    }
    if (!writer) throw new AppError('INVALID_INPUT', `${options.instances} has no rows.`);
    await writer.finish();
    return result;
  } catch (error) {
    await writer?.abandon();
    throw error;
  } finally {
    options.onProgress?.({ rows: result.rows, totalRows: input.totalRows, done: true });
    input.close();
  }
}

/** Once for the file, in place of once for each call. */
function checkDropped(names: readonly string[], plan: Plan, model: ModelPlan): void {
  const drop = compileDrop(plan, model);
  for (const name of names) {
    const problem = drop.problemOf(name);
    if (problem !== undefined) throw new AppError('INVALID_INPUT', `--drop ${name} ${problem}.`);
  }
}

async function openInput({ instances, plan, model, maxRows }: BatchOptions): Promise<BatchInput> {
  if (formatOf(instances) === 'jsonl' && (await holdsBodies(instances))) return openBodies(instances);
  return openRows(instances, await openRowFile(instances), plan, model, maxRows);
}

/** The features of a call, and its predictions. What fails is counted and listed; the batch goes on. */
async function score(
  call: BatchCall,
  options: BatchOptions,
  result: BatchResult,
): Promise<{ call: BatchCall; answered: CallResult | undefined }> {
  const failed = new Set<number>();
  const fail = (row: number, error: unknown): void => {
    const { code, message } = asAppError(error);
    if (!failed.has(row)) result.failed++;
    failed.add(row);
    if (result.listed.length < LISTED) result.listed.push({ place: call.place(row), code, problem: message });
  };
  /** A call that fails as a whole is listed once, by its first row. */
  const failCall = (error: unknown): void => {
    result.failed += call.rows - failed.size;
    const { code, message } = asAppError(error);
    const more = call.rows > 1 ? ` (${call.rows} rows)` : '';
    if (result.listed.length < LISTED) result.listed.push({ place: call.place(0), code, problem: message + more });
  };
  try {
    const answer = await options.predict(callOf(call, options));
    answer.release();
    for (const { instance, error } of answer.errors) fail(instance, error);
    if (answer.fallback !== undefined) result.fallback += call.rows;
    return { call, answered: { ids: answer.ids, features: answer.gathered, outputs: answer.outputs } };
  } catch (error) {
    const { code } = asAppError(error);
    if (code === 'CANCELLED' || code === 'INTERNAL' || code === 'UNKNOWN_MODEL' || code === 'NOT_READY') throw error;
    failCall(error);
    return { call, answered: undefined };
  }
}

function callOf(call: BatchCall, { model, clock, predictions, drop, signal }: BatchOptions): Call {
  return {
    id: `batch-${call.place(0)}`,
    model,
    want: predictions ? 'both' : 'features',
    request: call.request,
    instances: call.instances,
    parameters: drop.length === 0 ? {} : { drop },
    arrivedAt: { epochMs: clock.epochMs(), monotonicMs: clock.monotonicMs() },
    signal,
  };
}
