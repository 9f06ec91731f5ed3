import { isNumeric } from '../plan/column.ts';
import { STATE_REQUEST_NULL, STATE_REQUEST_PRESENT } from '../plan/frame.ts';
import { clearValue, type FieldDecoder, type InputColumn } from './decode-value.ts';
import type { InputProblems } from './input-problems.ts';

/** Decodes one list of a columnar request (`inputs.carrier`), or numbers from a file, into `column`. */
export function decodeColumn(
  given: unknown,
  decoder: FieldDecoder,
  rows: number,
  column: InputColumn,
  problems: InputProblems,
): void {
  const { field, type, decode } = decoder;
  if (given instanceof Float64Array && isNumeric(type)) {
    if (hasRows(given, field, rows, problems)) takeNumbers(given, decoder, column, problems);
    return;
  }
  if (given !== undefined && !Array.isArray(given)) {
    problems.ofRequest(`inputs.${field}`, 'must be a list with one value an instance');
    return;
  }
  const values: readonly unknown[] | undefined = given;
  if (values !== undefined && !hasRows(values, field, rows, problems)) return;
  for (let row = 0; row < rows; row++) {
    const problem = decode(values?.[row], row, column);
    if (problem === undefined) continue;
    clearValue(type, row, column);
    problems.ofInstance(row, field, problem);
  }
}

function hasRows(given: ArrayLike<unknown>, field: string, rows: number, problems: InputProblems): boolean {
  if (given.length === rows) return true;
  problems.ofRequest(`inputs.${field}`, `has ${given.length} values; the other inputs have ${rows}`);
  return false;
}

/** A column that is already numbers (from a file): NaN is null, timestamps are epoch ms. */
function takeNumbers(
  given: Float64Array,
  { field, type, nullable }: FieldDecoder,
  column: InputColumn,
  problems: InputProblems,
): void {
  column.numbers = given;
  for (let row = 0; row < given.length; row++) {
    const value = given[row];
    const isNull = value !== value;
    column.states[row] = isNull ? STATE_REQUEST_NULL : STATE_REQUEST_PRESENT;
    if (column.texts) column.texts[row] = isNull ? null : String(value);
    if (isNull && !nullable) problems.ofInstance(row, field, `is required (${type})`);
  }
}
