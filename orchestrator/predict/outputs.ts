import { AppError } from '../../foundation/errors.ts';
import type { InferResult, ModelSignature, OutputTensor } from '../model/client.ts';
import type { ModelPlan } from '../plan/plan.ts';
import type { Output } from './call.ts';

/** Reads the model's answer into the outputs of `rows` instances; `index` is where each answered row belongs. */
export type ReadOutputs = (result: InferResult, rows: number, index: Int32Array | undefined) => Output[];

interface Pick {
  name: string;
  from: string;
  column: number | undefined;
}

const FLOATS = new Set(['FP64', 'FP32', 'FP16']);

/**
 * The reader of a model's outputs: those that the YAML's `outputs` name, else the single float output of one value a
 * row. Throws where the loaded model has no such output, listing what there is: that is a load error.
 */
export function compileOutputs(model: ModelPlan, signature: ModelSignature): ReadOutputs {
  const picks = model.outputs
    ? Object.entries(model.outputs).map(([name, { from, column }]) => declared(name, from, column, signature))
    : [single(signature)];
  return (result, rows, index) => picks.map((pick) => readOutput(pick, result, rows, index));
}

function single(signature: ModelSignature): Pick {
  const candidates = signature.outputs.filter(({ datatype, shape }) => FLOATS.has(datatype) && isOneValueARow(shape));
  const [only] = candidates;
  if (only === undefined || candidates.length > 1) {
    const reason = only === undefined ? 'has no float output of one value a row' : 'has several float outputs';
    throw new AppError('NOT_READY', `The model ${reason}; name one under "outputs". It has ${listOutputs(signature)}.`);
  }
  return { name: only.name, from: only.name, column: undefined };
}

function declared(name: string, from: string, column: number | undefined, signature: ModelSignature): Pick {
  const output = signature.outputs.find((each) => each.name === from);
  if (!output) {
    throw new AppError(
      'NOT_READY',
      `The model has no output "${from}" for "${name}". It has ${listOutputs(signature)}.`,
    );
  }
  const width = output.shape[1] ?? 1;
  if (column !== undefined && width >= 0 && column >= width) {
    throw new AppError('NOT_READY', `The output "${from}" has ${width} columns; "${name}" asks for column ${column}.`);
  }
  return { name, from, column };
}

const isOneValueARow = (shape: readonly number[]): boolean =>
  shape.length === 1 || (shape.length === 2 && Math.abs(shape[1]!) === 1);

function listOutputs(signature: ModelSignature): string {
  return (
    signature.outputs.map(({ name, datatype, shape }) => `"${name}" ${datatype}[${shape.join(',')}]`).join(', ') ||
    'none'
  );
}

function readOutput(pick: Pick, result: InferResult, rows: number, index: Int32Array | undefined): Output {
  const tensor = result.outputs.find(({ name }) => name === pick.from);
  const answered = index?.length ?? rows;
  if (!tensor || (tensor.shape[0] ?? -1) !== answered) {
    const got = tensor ? `${tensor.shape[0] ?? 0} values` : 'none';
    throw invalid(`The predictor gave ${got} for the output "${pick.from}"; ${answered} were asked for.`);
  }
  const { data } = tensor;
  if (!(data instanceof Float64Array))
    return { name: pick.name, values: place<string | null>(data, rows, index, null) };
  const width = tensor.shape.slice(1).reduce((product, size) => product * size, 1);
  const column = pick.column ?? (width === 1 ? 0 : undefined);
  if (column === undefined)
    return {
      name: pick.name,
      values: place<readonly number[] | null>(vectors(tensor, answered, width), rows, index, null),
    };
  if (column >= width)
    throw invalid(`The predictor gave ${width} columns of "${pick.from}"; column ${column} was asked for.`);
  return { name: pick.name, values: placeNumbers(data, column, width, rows, index, pick.from) };
}

/** One number a row, checked on its way: NaN and Infinity are no predictions. */
function placeNumbers(
  data: Float64Array,
  column: number,
  width: number,
  rows: number,
  index: Int32Array | undefined,
  from: string,
): Float64Array {
  const answered = index?.length ?? rows;
  const values = index === undefined && width === 1 ? data : new Float64Array(rows).fill(Number.NaN);
  for (let row = 0; row < answered; row++) {
    const value = data[row * width + column]!;
    if (!Number.isFinite(value)) throw invalid(`The predictor gave ${value} for row ${row} of "${from}".`);
    values[index === undefined ? row : index[row]!] = value;
  }
  return values;
}

function vectors(tensor: OutputTensor, rows: number, width: number): (readonly number[])[] {
  const data = tensor.data as Float64Array;
  if (!data.every(Number.isFinite)) throw invalid(`The predictor gave NaN or Infinity in "${tensor.name}".`);
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * width, (row + 1) * width)));
}

function place<T>(from: readonly T[], rows: number, index: Int32Array | undefined, missing: T): T[] {
  if (index === undefined) return [...from];
  const to = Array.from<T>({ length: rows }).fill(missing);
  for (let at = 0; at < index.length; at++) to[index[at]!] = from[at]!;
  return to;
}

const invalid = (message: string): AppError => new AppError('PREDICTOR_INVALID_OUTPUT', message);
