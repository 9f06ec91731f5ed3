import { AppError } from '../../foundation/errors.ts';
import { newNumbers } from '../../foundation/slab.ts';
import { isNumeric, nullValues, Source, stateOf, Status, type Values } from '../plan/column.ts';
import { STATE_COMPUTED, STATE_COMPUTED_NULL, uniformStates, type Frame } from '../plan/frame.ts';
import type { ArgumentPlan, CallStep } from '../plan/plan.ts';
import type { Tensor } from '../plan/tensor.ts';
import type { FunctionCall, FunctionResult, Functions } from './functions.ts';
import { decodeCells, encodeCells } from './text-cells.ts';

/** A feature that its function did not give. `cause` is undefined where that one alone failed, and the others did not. */
export interface FailedCall {
  step: CallStep;
  status: typeof Status.TIMEOUT | typeof Status.ERROR;
  cause: unknown;
}

/**
 * Calls functions whose arguments are in the frame, and lays their results into it: all of those that have a row an
 * instance in one message, those of one row a request in another. What fails has its default, or null. Never rejects.
 */
export async function callFunctions(
  steps: readonly CallStep[],
  functions: Functions,
  frame: Frame,
  options: Omit<FunctionCall, 'rows'>,
): Promise<FailedCall[]> {
  const grains = [true, false].map((perInstance) => steps.filter((step) => step.perInstance === perInstance));
  const failed = await Promise.all(
    grains.filter((group) => group.length > 0).map((group) => callTogether(group, functions, frame, options)),
  );
  return failed.flat();
}

async function callTogether(
  steps: readonly CallStep[],
  functions: Functions,
  frame: Frame,
  options: Omit<FunctionCall, 'rows'>,
): Promise<FailedCall[]> {
  const rows = rowsOf(steps[0], frame);
  let results: readonly FunctionResult[] = [];
  let cause: unknown;
  try {
    const columns = steps.flatMap(({ args }) => args.map((argument) => columnOf(argument, frame, rows)));
    results = await functions.call(columns, { ...options, rows });
  } catch (error) {
    cause = error;
  }
  const isLate = cause instanceof AppError && cause.code === 'DEADLINE_EXCEEDED';
  const status = isLate ? Status.TIMEOUT : Status.ERROR;
  return steps.flatMap((step) => {
    const values = valuesOf(step, results.find(({ name }) => name === step.name)?.data);
    if (values === undefined) layMissing(step, status, frame);
    else layValues(step, values, frame);
    return values === undefined ? [{ step, status, cause }] : [];
  });
}

const rowsOf = ({ perInstance }: CallStep, frame: Frame): number => (perInstance ? frame.rows : 1);

/** Timestamps as epoch seconds and bools as 0 and 1, as a model gets them; null is NaN. */
function columnOf({ column, type, perInstance, slot, evaluate }: ArgumentPlan, frame: Frame, rows: number): Tensor {
  const shape = [rows];
  const valueAt = (row: number): number | string | null =>
    slot === undefined ? evaluate(frame.values, perInstance ? row : 0) : frame.values[slot][perInstance ? row : 0]!;
  if (!isNumeric(type)) {
    const texts = Array.from({ length: rows }, (_, row) => valueAt(row) as string | null);
    return { name: column, datatype: 'BYTES', shape, data: encodeCells(texts) };
  }
  const data = newNumbers(rows);
  for (let row = 0; row < rows; row++) data[row] = valueAt(row) as number;
  if (type === 'timestamp') for (let row = 0; row < rows; row++) data[row] /= 1000;
  return { name: column, datatype: 'FP64', shape, data };
}

/** A result in the units of a column; undefined where there is none of the feature's type. */
function valuesOf({ type }: CallStep, data: FunctionResult['data'] | undefined): Values | undefined {
  if (data === undefined || isNumeric(type) !== data instanceof Float64Array) return undefined;
  if (!(data instanceof Float64Array)) return decodeCells(data);
  return type === 'timestamp' ? data.map((seconds) => Math.round(seconds * 1000)) : data;
}

function layValues(step: CallStep, values: Values, frame: Frame): void {
  const states = uniformStates(values.length, STATE_COMPUTED);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value !== value) states[row] = STATE_COMPUTED_NULL;
  }
  frame.values[step.slot] = values;
  frame.states[step.slot] = states;
}

function layMissing(step: CallStep, status: FailedCall['status'], frame: Frame): void {
  const rows = rowsOf(step, frame);
  const values = nullValues(step.type, rows);
  if (usesDefault(step)) values.fill(step.default as never);
  frame.values[step.slot] = values;
  frame.states[step.slot] = uniformStates(rows, missingState(step, status));
}

/** The state of a feature whose call failed. */
export function missingState(step: CallStep, status: FailedCall['status']): number {
  return stateOf(status, usesDefault(step) ? Source.default : Source.none);
}

const usesDefault = ({ onError, hasDefault }: CallStep): boolean => onError === 'default' && hasDefault;
