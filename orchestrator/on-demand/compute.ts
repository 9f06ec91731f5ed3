import { isNumeric, newValues } from '../plan/column.ts';
import { STATE_COMPUTED, STATE_COMPUTED_NULL, uniformStates, type Frame } from '../plan/frame.ts';
import type { ComputeStep } from '../plan/plan.ts';

/** Computes one on-demand feature over the frame: a row an instance, or one row where it reads no instance. */
export function compute(step: ComputeStep, frame: Frame): void {
  const rows = step.perInstance ? frame.rows : 1;
  const values = newValues(step.type, rows);
  const states = uniformStates(rows, STATE_COMPUTED);
  const { evaluate } = step;
  const columns = frame.values;
  if (isNumeric(step.type)) {
    const numbers = values as Float64Array;
    for (let row = 0; row < rows; row++) {
      const value = evaluate(columns, row) as number;
      numbers[row] = value;
      if (value !== value) states[row] = STATE_COMPUTED_NULL;
    }
  } else {
    for (let row = 0; row < rows; row++) {
      const value = evaluate(columns, row);
      values[row] = value as string | null;
      if (value === null) states[row] = STATE_COMPUTED_NULL;
    }
  }
  frame.values[step.slot] = values;
  frame.states[step.slot] = states;
}
