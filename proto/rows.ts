import { AppError } from '../foundation/errors.ts';
import { elementBytes, elementCount, stringOffsets } from './tensors.ts';

/** A tensor with its bytes as they lie on the wire; `shape[0]` is its rows. */
export interface RawTensor {
  name: string;
  datatype: string;
  shape: readonly number[];
  raw: Uint8Array;
}

/**
 * Cuts tensors that hold the rows of several parts into those of each part, as views. Throws INVALID_INPUT unless the
 * parts' rows are exactly the rows of every tensor and its bytes are exactly its shape's: that is what keeps one
 * caller's rows out of another's answer.
 */
export function splitRows(tensors: readonly RawTensor[], rows: readonly number[]): RawTensor[][] {
  let total = 0;
  for (const count of rows) {
    if (!(count >= 0)) throw inconsistent();
    total += count;
  }
  const parts: RawTensor[][] = rows.map(() => []);
  for (const tensor of tensors) {
    const endOf = rowEnds(tensor, total);
    const tail = tensor.shape.slice(1);
    let row = 0;
    let start = 0;
    for (let index = 0; index < rows.length; index++) {
      const count = rows[index];
      row += count;
      const end = endOf(row);
      const part = {
        name: tensor.name,
        datatype: tensor.datatype,
        shape: [count, ...tail],
        raw: tensor.raw.subarray(start, end),
      };
      parts[index].push(part);
      start = end;
    }
  }
  return parts;
}

/** Where the bytes of the first `row` rows end. */
function rowEnds(tensor: RawTensor, total: number): (row: number) => number {
  const { datatype, shape, raw } = tensor;
  if (shape.length === 0 || shape[0] !== total) throw inconsistent();
  const perRow = elementCount(shape, 1);
  if (datatype === 'BYTES') {
    const offsets = stringOffsets(raw, elementCount(shape));
    return (row) => offsets[row * perRow];
  }
  const rowBytes = perRow * elementBytes(datatype);
  if (total * rowBytes !== raw.byteLength) throw inconsistent();
  return (row) => row * rowBytes;
}

function inconsistent(): AppError {
  return new AppError('INVALID_INPUT', "A merged message's tensors do not have the rows of its parts.");
}
