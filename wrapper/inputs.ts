import { AppError } from '../foundation/errors.ts';
import type { RawTensor } from '../proto/rows.ts';
import { decodeTensor, elementCount, type TensorData } from '../proto/tensors.ts';
import type { HostedLayout } from './layout.ts';
import type { ColumnData, RequestInputs } from './request.ts';

/** The tensor that carries the whole matrix. */
const MATRIX = 'features';

/** Reads the tensors of one request; throws INVALID_INPUT where they are not those of the model's metadata. */
export type ReadInputs = (tensors: readonly RawTensor[], rows: number) => RequestInputs;

/** The tensors that a model takes, as ModelMetadata tells them. */
export function inputTensors(layout: HostedLayout): { name: string; datatype: string; shape: number[] }[] {
  if (layout.tensors === 'columns')
    return layout.features.map(({ name, datatype }) => ({ name, datatype, shape: [-1] }));
  return [
    { name: MATRIX, datatype: layout.dtype === 'float32' ? 'FP32' : 'FP64', shape: [-1, layout.features.length] },
  ];
}

/**
 * Any numeric datatype is taken and becomes the YAML's `dtype`, so that a client which sends FP32 or INT64 is served;
 * what already has it is a view of the message where its alignment allows.
 */
export function compileInputs(layout: HostedLayout): ReadInputs {
  const isFloat32 = layout.dtype === 'float32';
  const width = layout.features.length;
  if (layout.tensors === 'matrix') {
    return (tensors, rows) => {
      const [tensor] = tensors;
      if (tensor === undefined || tensors.length !== 1 || tensor.name !== MATRIX) {
        throw mismatch(
          `takes one tensor "${MATRIX}", not ${tensors.map(({ name }) => `"${name}"`).join(', ') || 'none'}`,
        );
      }
      if (tensor.shape.length !== 2 || tensor.shape[0] !== rows || tensor.shape[1] !== width) {
        throw mismatch(`takes "${MATRIX}" of shape [${rows}, ${width}], not [${tensor.shape.join(', ')}]`);
      }
      return { matrix: readNumbers(tensor, isFloat32), columns: [] };
    };
  }
  return (tensors, rows) => ({
    matrix: undefined,
    columns: layout.features.map(({ name, datatype }, index): ColumnData => {
      const inOrder = tensors[index];
      const tensor = inOrder?.name === name ? inOrder : tensors.find((other) => other.name === name);
      if (tensor === undefined) throw mismatch(`takes a tensor "${name}", which is missing`);
      const { shape } = tensor;
      if (shape[0] !== rows || elementCount(shape, 1) !== 1) {
        throw mismatch(`takes "${name}" of shape [${rows}], not [${shape.join(', ')}]`);
      }
      if (datatype !== 'BYTES') return readNumbers(tensor, isFloat32);
      if (tensor.datatype !== 'BYTES') throw mismatch(`takes "${name}" as BYTES, not ${tensor.datatype}`);
      return decodeTensor('BYTES', tensor.raw, rows) as string[];
    }),
  });
}

function readNumbers(tensor: RawTensor, isFloat32: boolean): Float64Array | Float32Array {
  if (tensor.datatype === 'BYTES') throw mismatch(`takes "${tensor.name}" as numbers, not BYTES`);
  const data = decodeTensor(tensor.datatype, tensor.raw, elementCount(tensor.shape));
  if (isFloat32) return data instanceof Float32Array ? data : Float32Array.from(numeric(data), Number);
  return data instanceof Float64Array ? data : Float64Array.from(numeric(data), Number);
}

function numeric(data: TensorData): ArrayLike<number | bigint> {
  return data as ArrayLike<number | bigint>;
}

function mismatch(problem: string): AppError {
  return new AppError('INVALID_INPUT', `The model ${problem}.`);
}
