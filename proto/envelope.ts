/**
 * A ModelInferRequest or ModelInferResponse as bytes: both have the same fields, but for the number of the raw contents.
 * Sizes are counted first, so that a message takes one allocation and the pieces of all parts are copied once.
 */
import type { InferTensor, RawContent } from './messages.ts';
import {
  LENGTH_DELIMITED,
  VARINT,
  readBytes,
  readEnd,
  readText,
  readVarint,
  tagOf,
  textSize,
  varintSize,
  writeText,
  writeVarint,
  type Cursor,
} from './wire.ts';

export interface Envelope<Raw extends RawContent> {
  modelName: string;
  modelVersion: string;
  id: string;
  tensors: InferTensor[];
  raws: Raw[];
}

/** The tag before each raw content: field 6 of a response, field 7 of a request. */
export const RAW_OUTPUT = tagOf(6, LENGTH_DELIMITED);
export const RAW_INPUT = tagOf(7, LENGTH_DELIMITED);

const MODEL_NAME = tagOf(1, LENGTH_DELIMITED);
const MODEL_VERSION = tagOf(2, LENGTH_DELIMITED);
const ID = tagOf(3, LENGTH_DELIMITED);
const TENSOR = tagOf(5, LENGTH_DELIMITED);
const TENSOR_NAME = tagOf(1, LENGTH_DELIMITED);
const DATATYPE = tagOf(2, LENGTH_DELIMITED);
const SHAPE_PACKED = tagOf(3, LENGTH_DELIMITED);
const SHAPE_ELEMENT = tagOf(3, VARINT);

const rawSize = (raw: RawContent): number => {
  if (raw instanceof Uint8Array) return raw.byteLength;
  let size = 0;
  for (const piece of raw) size += piece.byteLength;
  return size;
};

const delimitedSize = (size: number): number => 1 + varintSize(size) + size;
const optionalTextSize = (text: string): number => (text === '' ? 0 : delimitedSize(textSize(text)));

function shapeSize(shape: readonly number[]): number {
  let size = 0;
  for (const dimension of shape) size += varintSize(dimension);
  return size;
}

function tensorSize(tensor: InferTensor): number {
  const shape = shapeSize(tensor.shape);
  return optionalTextSize(tensor.name) + optionalTextSize(tensor.datatype) + (shape === 0 ? 0 : delimitedSize(shape));
}

export function envelopeSize(envelope: Envelope<RawContent>): number {
  let size = optionalTextSize(envelope.modelName) + optionalTextSize(envelope.modelVersion);
  size += optionalTextSize(envelope.id);
  for (const tensor of envelope.tensors) size += delimitedSize(tensorSize(tensor));
  for (const raw of envelope.raws) size += delimitedSize(rawSize(raw));
  return size;
}

export function writeEnvelope(bytes: Buffer, start: number, envelope: Envelope<RawContent>, rawTag: number): void {
  let at = writeOptionalText(bytes, start, MODEL_NAME, envelope.modelName);
  at = writeOptionalText(bytes, at, MODEL_VERSION, envelope.modelVersion);
  at = writeOptionalText(bytes, at, ID, envelope.id);
  for (const tensor of envelope.tensors) at = writeTensor(bytes, at, tensor);
  for (const raw of envelope.raws) at = writeRaw(bytes, at, rawTag, raw);
}

/** proto3 leaves out what is empty. */
function writeOptionalText(bytes: Buffer, at: number, tag: number, text: string): number {
  if (text === '') return at;
  const size = textSize(text);
  bytes[at] = tag;
  return writeText(bytes, writeVarint(bytes, at + 1, size), text, size);
}

function writeTensor(bytes: Buffer, start: number, tensor: InferTensor): number {
  bytes[start] = TENSOR;
  let at = writeVarint(bytes, start + 1, tensorSize(tensor));
  at = writeOptionalText(bytes, at, TENSOR_NAME, tensor.name);
  at = writeOptionalText(bytes, at, DATATYPE, tensor.datatype);
  if (tensor.shape.length === 0) return at;
  bytes[at] = SHAPE_PACKED;
  at = writeVarint(bytes, at + 1, shapeSize(tensor.shape));
  for (const dimension of tensor.shape) at = writeVarint(bytes, at, dimension);
  return at;
}

function writeRaw(bytes: Buffer, start: number, tag: number, raw: RawContent): number {
  bytes[start] = tag;
  let at = writeVarint(bytes, start + 1, rawSize(raw));
  if (raw instanceof Uint8Array) {
    bytes.set(raw, at);
    return at + raw.byteLength;
  }
  for (const piece of raw) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return at;
}

/** The message up to `end`, or undefined where it has a field that is left to the library. */
export function readEnvelope(cursor: Cursor, end: number, rawTag: number): Envelope<Buffer> | undefined {
  const envelope: Envelope<Buffer> = { modelName: '', modelVersion: '', id: '', tensors: [], raws: [] };
  while (cursor.at < end) {
    const tag = readVarint(cursor, end);
    if (tag === rawTag) {
      envelope.raws.push(readBytes(cursor, end));
    } else if (tag === TENSOR) {
      const tensor = readTensor(cursor, readEnd(cursor, end));
      if (tensor === undefined) return undefined;
      envelope.tensors.push(tensor);
    } else if (tag === MODEL_NAME) {
      envelope.modelName = readText(cursor, end);
    } else if (tag === MODEL_VERSION) {
      envelope.modelVersion = readText(cursor, end);
    } else if (tag === ID) {
      envelope.id = readText(cursor, end);
    } else {
      return undefined;
    }
  }
  return envelope;
}

function readTensor(cursor: Cursor, end: number): InferTensor | undefined {
  let name = '';
  let datatype = '';
  const shape: number[] = [];
  while (cursor.at < end) {
    const tag = readVarint(cursor, end);
    if (tag === TENSOR_NAME) {
      name = readText(cursor, end);
    } else if (tag === DATATYPE) {
      datatype = readText(cursor, end);
    } else if (tag === SHAPE_PACKED) {
      const stop = readEnd(cursor, end);
      while (cursor.at < stop) shape.push(readVarint(cursor, stop));
    } else if (tag === SHAPE_ELEMENT) {
      shape.push(readVarint(cursor, end));
    } else {
      return undefined;
    }
  }
  return { name, datatype, shape };
}
