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
 * row. Throws where the loaded model says what it gives and that does not fit, listing what there is: a load error.
 * A class says nothing of its outputs before it answers; then each answer is held against the YAML instead.
 */
export function compileOutputs(model: ModelPlan, signature: ModelSignature): ReadOutputs {
  if (signature.outputs.length === 0) {
    return (result, rows, index) => {
      const picks = asInvalidOutput(() => choose(model, result.outputs.map(describe)));
      return picks.map((pick) => readOutput(pick, result, rows, index));
    };
  }
  const picks = choose(model, signature.outputs);
  return (result, rows, index) => picks.map((pick) => readOutput(pick, result, rows, index));
}

type OutputDescription = ModelSignature['outputs'][number];

function describe({ name, shape, data }: OutputTensor): OutputDescription {
  return { name, shape, datatype: data instanceof Float64Array ? 'FP64' : 'BYTES' };
}

function choose(model: ModelPlan, outputs: readonly OutputDescription[]): Pick[] {
  if (!model.outputs) return [single(outputs)];
  return Object.entries(model.outputs).map(([name, { from, column }]) => declared(name, from, column, outputs));
}

function single(outputs: readonly OutputDescription[]): Pick {
  const candidates = outputs.filter(({ datatype, shape }) => FLOATS.has(datatype) && isOneValueARow(shape));
  const [only] = candidates;
  if (only === undefined || candidates.length > 1) {
    const reason = only === undefined ? 'has no float output of one value a row' : 'has several float outputs';
    throw new AppError('NOT_READY', `The model ${reason}; name one under "outputs". It has ${list(outputs)}.`);
  }
  return { name: only.name, from: only.name, column: undefined };
}

function declared(name: string, from: string, column: number | undefined, outputs: readonly OutputDescription[]): Pick {
  const output = outputs.find((each) => each.name === from);
  if (!output) {
    throw new AppError('NOT_READY', `The model has no output "${from}" for "${name}". It has ${list(outputs)}.`);
  }
  const width = output.shape[1] ?? 1;
  if (column !== undefined && width >= 0 && column >= width) {
    throw new AppError('NOT_READY', `The output "${from}" has ${width} columns; "${name}" asks for column ${column}.`);
  }
  return { name, from, column };
}

/** What would be a load error of a model that describes itself is the fault of this answer. */
function asInvalidOutput(read: () => Pick[]): Pick[] {
  try {
    return read();
  } catch (cause) {
    throw new AppError('PREDICTOR_INVALID_OUTPUT', cause instanceof Error ? cause.message : 'The outputs do not fit.', {
      cause,
    });
  }
}

const isOneValueARow = (shape: readonly number[]): boolean =>
  shape.length === 1 || (shape.length === 2 && Math.abs(shape[1]) === 1);

const list = (outputs: readonly OutputDescription[]): string =>
  outputs.map(({ name, datatype, shape }) => `"${name}" ${datatype}[${shape.join(',')}]`).join(', ') || 'none';

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
    const value = data[row * width + column];
    if (!Number.isFinite(value)) throw invalid(`The predictor gave ${value} for row ${row} of "${from}".`);
    values[index === undefined ? row : index[row]] = value;
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
  for (let at = 0; at < index.length; at++) to[index[at]] = from[at]!;
  return to;
}

const invalid = (message: string): AppError => new AppError('PREDICTOR_INVALID_OUTPUT', message);
