import { AppError } from '../../foundation/errors.ts';
import { newNumbers } from '../../foundation/slab.ts';
import type { ModelInferResponse } from '../../proto/messages.ts';
import { rawTensors } from '../../proto/parts.ts';
import type { RawTensor } from '../../proto/rows.ts';
import {
  decodeContents,
  decodeTensor,
  elementBytes,
  elementCount,
  encodeTensor,
  type TensorData,
} from '../../proto/tensors.ts';
import type { OutputTensor, Tensor } from './client.ts';

/**
 * The tensors of a call as they go out. Throws INVALID_INPUT where one does not have its shape's values or the call's
 * rows: a server would find it in the merged message only, and refuse the calls beside it too.
 */
export function rawInputs(tensors: readonly Tensor[], rows: number): RawTensor[] {
  return tensors.map(({ name, datatype, shape, data }) => {
    const count = elementCount(shape);
    const raw = encodeTensor(data);
    const size = datatype === 'BYTES' ? raw.byteLength : count * elementBytes(datatype);
    if (shape[0] !== rows || data.length !== count || raw.byteLength !== size) {
      const found = `${data.length} values of ${datatype} in the shape [${shape.join(', ')}]`;
      throw new AppError('INVALID_INPUT', `The tensor "${name}" has ${found}, which is not ${rows} rows.`);
    }
    return { name, datatype, shape, raw };
  });
}

/** One output of a part. Throws PREDICTOR_INVALID_OUTPUT where it has not the call's rows. */
export function outputOf(tensor: RawTensor, rows: number): OutputTensor {
  return outputTensor(tensor, rows, (count) => decodeTensor(tensor.datatype, tensor.raw, count));
}

/** The outputs of an ordinary answer, raw or typed. Throws PREDICTOR_INVALID_OUTPUT. */
export function outputsOf(response: ModelInferResponse, rows: number): OutputTensor[] {
  if (response.raw_output_contents.length > 0) {
    return readable(() => rawTensors(response.outputs, response.raw_output_contents)).map((tensor) =>
      outputOf(tensor, rows),
    );
  }
  return response.outputs.map((tensor) =>
    outputTensor(tensor, rows, (count) => decodeContents(tensor.datatype, tensor.contents ?? {}, count)),
  );
}

function outputTensor(
  { name, shape }: { name: string; shape: readonly number[] },
  rows: number,
  dataOf: (count: number) => TensorData,
): OutputTensor {
  if (shape[0] !== rows) {
    const answered = shape.length === 0 ? 'no rows' : `${shape[0]} rows`;
    throw new AppError('PREDICTOR_INVALID_OUTPUT', `The output "${name}" has ${answered}, not ${rows}.`);
  }
  return { name, shape, data: readable(() => doubles(dataOf(elementCount(shape)))) };
}

/** Numbers as doubles of their own: a view would keep the whole message it came in. int64 beyond 2^53 is rounded. */
function doubles(data: TensorData): Float64Array | string[] {
  if (Array.isArray(data)) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  const numbers = newNumbers(data.length);
  numbers.set(data);
  return numbers;
}

/** What does not read as a tensor is, on this side of the wire, the fault of the model's server. */
function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new AppError('PREDICTOR_INVALID_OUTPUT', 'The model answered with a tensor that cannot be read.', { cause });
  }
}
