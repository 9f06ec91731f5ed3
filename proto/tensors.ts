import { AppError } from '../foundation/errors.ts';
import { newBytes } from '../foundation/slab.ts';
import type { InferTensorContents } from './messages.ts';

type NumericData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;
export type TensorData = NumericData | string[];

interface NumericArray {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericData;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * The array that holds each numeric datatype as it lies on the wire: little-endian, as is every host that Node 24 is
 * built for but s390x.
 */
const ARRAYS = new Map<string, NumericArray>([
  ['FP64', Float64Array],
  ['FP32', Float32Array],
  ['INT64', BigInt64Array],
  ['UINT64', BigUint64Array],
  ['INT32', Int32Array],
  ['UINT32', Uint32Array],
  ['INT16', Int16Array],
  ['UINT16', Uint16Array],
  ['INT8', Int8Array],
  ['UINT8', Uint8Array],
  ['BOOL', Uint8Array],
]);

/** Bytes an element takes on the wire; 0 for BYTES, whose elements differ. Throws INVALID_INPUT on a datatype not spoken here. */
export function elementBytes(datatype: string): number {
  if (datatype === 'BYTES') return 0;
  const array = ARRAYS.get(datatype);
  if (array === undefined) throw new AppError('INVALID_INPUT', `The tensor datatype "${datatype}" is not supported.`);
  return array.BYTES_PER_ELEMENT;
}

/** Number of elements of a shape, from its dimension `from` on. Throws INVALID_INPUT on a dimension that is no count. */
export function elementCount(shape: readonly number[], from = 0): number {
  let count = 1;
  let isCount = true;
  for (let index = from; index < shape.length; index++) {
    isCount &&= Number.isSafeInteger(shape[index]) && shape[index] >= 0;
    count *= shape[index];
  }
  if (!isCount || !Number.isSafeInteger(count)) {
    throw new AppError('INVALID_INPUT', `A tensor has the shape [${shape.join(', ')}], which has no size.`);
  }
  return count;
}

/** The wire's bytes of a tensor: a view of the same memory for numbers, so leave it unchanged until it is sent. */
export function encodeTensor(data: TensorData): Uint8Array {
  return Array.isArray(data) ? encodeStrings(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** BYTES on the wire: each element is its length (uint32, little-endian) and its bytes, here UTF-8. */
export function encodeStrings(texts: readonly (string | undefined)[]): Buffer {
  let size = 0;
  for (const text of texts) size += 4 + (text === undefined ? 0 : Buffer.byteLength(text));
  const bytes = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const text of texts) {
    const length = text === undefined ? 0 : bytes.write(text, offset + 4);
    bytes.writeUInt32LE(length, offset);
    offset += 4 + length;
  }
  return bytes;
}

/**
 * The elements of raw bytes. Numbers are a view of the same memory where their alignment allows (so keep it only as
 * long as the message), else one copy. Throws INVALID_INPUT where the size is not exactly `count` elements.
 */
export function decodeTensor(datatype: string, bytes: Uint8Array, count: number): TensorData {
  if (datatype === 'BYTES') return decodeStrings(bytes, count);
  const size = elementBytes(datatype);
  if (bytes.byteLength !== count * size) {
    throw new AppError('INVALID_INPUT', `A ${datatype} tensor of ${count} values has ${bytes.byteLength} bytes.`);
  }
  return numbers(ARRAYS.get(datatype) as NumericArray, bytes, count);
}

function numbers(array: NumericArray, bytes: Uint8Array, count: number): NumericData {
  if (bytes.byteOffset % array.BYTES_PER_ELEMENT === 0) return new array(bytes.buffer, bytes.byteOffset, count);
  const copy = newBytes(bytes.byteLength);
  copy.set(bytes);
  return new array(copy.buffer, copy.byteOffset, count);
}

/** Where each of `count` BYTES elements begins, and in the last place where they end. Throws INVALID_INPUT unless they fill `bytes`. */
export function stringOffsets(bytes: Uint8Array, count: number): number[] {
  // Four bytes an element at the least: a count beyond it must not make an array of its size.
  if (count * 4 > bytes.byteLength) throw badStrings(count);
  const offsets = [0];
  let offset = 0;
  for (let index = 0; index < count; index++) {
    if (offset + 4 > bytes.byteLength) throw badStrings(count);
    offset += 4 + readUint32(bytes, offset);
    offsets.push(offset);
  }
  if (offset !== bytes.byteLength) throw badStrings(count);
  return offsets;
}

function badStrings(count: number): AppError {
  return new AppError('INVALID_INPUT', `A BYTES tensor of ${count} values has lengths that do not fit its bytes.`);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function decodeStrings(bytes: Uint8Array, count: number): string[] {
  const offsets = stringOffsets(bytes, count);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  for (let index = 0; index < count; index++) {
    texts.push(buffer.toString('utf8', offsets[index] + 4, offsets[index + 1]));
  }
  return texts;
}

/** The elements of typed contents, which clients that do not send raw bytes use. Throws INVALID_INPUT where they are not `count`. */
export function decodeContents(datatype: string, contents: InferTensorContents, count: number): TensorData {
  const data = typedContents(datatype, contents);
  if (data === undefined || data.length !== count) {
    const found = data === undefined ? 'none that fit it' : String(data.length);
    throw new AppError('INVALID_INPUT', `A ${datatype} tensor of ${count} values has ${found} in its contents.`);
  }
  return data;
}

function typedContents(datatype: string, contents: InferTensorContents): TensorData | undefined {
  switch (datatype) {
    case 'BOOL':
      return contents.bool_contents && Uint8Array.from(contents.bool_contents, Number);
    case 'INT8':
      return contents.int_contents && Int8Array.from(contents.int_contents);
    case 'INT16':
      return contents.int_contents && Int16Array.from(contents.int_contents);
    case 'INT32':
      return contents.int_contents && Int32Array.from(contents.int_contents);
    case 'INT64':
      return contents.int64_contents && BigInt64Array.from(contents.int64_contents, BigInt);
    case 'UINT8':
      return contents.uint_contents && Uint8Array.from(contents.uint_contents);
    case 'UINT16':
      return contents.uint_contents && Uint16Array.from(contents.uint_contents);
    case 'UINT32':
      return contents.uint_contents && Uint32Array.from(contents.uint_contents);
    case 'UINT64':
      return contents.uint64_contents && BigUint64Array.from(contents.uint64_contents, BigInt);
    case 'FP32':
      return contents.fp32_contents && Float32Array.from(contents.fp32_contents);
    case 'FP64':
      return contents.fp64_contents && Float64Array.from(contents.fp64_contents);
    case 'BYTES':
      return contents.bytes_contents?.map((bytes) => Buffer.from(bytes).toString('utf8'));
    default:
      return undefined;
  }
}
