import type { AppError } from '../../foundation/errors.ts';
import { nullValues } from '../plan/column.ts';
import type { Output } from './call.ts';
import type { Run } from './run.ts';

/**
 * What the YAML's `fallback.cel` answers for a call that failed with one of its codes: a value for each instance that
 * did not fail on its own; features that were neither gathered nor sent are null. Undefined where the fallback does not cover it.
 */
export function fallbackOutputs(run: Run, error: AppError): Output[] | undefined {
  const { fallback, outputs } = run.model.plan;
  if (!fallback?.on.has(error.code)) return undefined;
  const { frame } = run;
  for (const { slot, type, perInstance } of fallback.reads) {
    frame.values[slot] ??= frame.overrides?.[slot]?.values ?? nullValues(type, perInstance ? frame.rows : 1);
  }
  const values = new Float64Array(frame.rows).fill(Number.NaN);
  for (let row = 0; row < frame.rows; row++) {
    if (run.failures?.[row] === undefined) values[row] = Number(fallback.evaluate(frame.values, row));
  }
  return Object.keys(outputs ?? { prediction: undefined }).map((name) => ({ name, values }));
}
