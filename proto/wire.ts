/**
 * The four things of the protocol buffer encoding that the codec needs (protobuf.dev/programming-guides/encoding):
 * varints, lengths, short texts, and bytes. Positions are plain numbers, so that a message costs no reader or writer.
 */
import { AppError } from '../foundation/errors.ts';

export const VARINT = 0;
export const LENGTH_DELIMITED = 2;

export const tagOf = (field: number, wireType: number): number => (field << 3) | wireType;

export function badMessage(cause?: unknown): AppError {
  return new AppError('INVALID_INPUT', 'The message is not a well-formed message of the inference protocol.', {
    cause,
  });
}

/** Bytes of a varint of a number of 0 to 2^53 - 1. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Writes the varint and returns the position after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let position = at;
  while (rest >= 128) {
    bytes[position++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[position++] = rest;
  return position;
}

/** Bytes of `text` in UTF-8. The names of models and tensors are short ASCII, for which a loop is quicker than a call into C++. */
export function textSize(text: string): number {
  const length = text.length;
  if (length > 64) return Buffer.byteLength(text);
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) > 127) return Buffer.byteLength(text);
  }
  return length;
}

/** Writes a text whose `textSize` is `size`, and returns the position after it. */
export function writeText(bytes: Buffer, at: number, text: string, size: number): number {
  if (size === text.length && size <= 64) {
    for (let index = 0; index < size; index++) bytes[at + index] = text.charCodeAt(index);
  } else {
    bytes.write(text, at);
  }
  return at + size;
}

/** A place in a message being read. One cursor serves a whole message: what is nested is read between `at` and an end. */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/** Reads a varint of up to 2^53 - 1; a longer one (a negative int64) is read as -1. Throws where the bytes end first. */
export function readVarint(cursor: Cursor, end: number): number {
  const bytes = cursor.bytes;
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 10; count++) {
    if (cursor.at >= end) throw badMessage();
    const byte = bytes[cursor.at++];
    value += (byte & 127) * scale;
    if (byte < 128) return Number.isSafeInteger(value) ? value : -1;
    scale *= 128;
  }
  throw badMessage();
}

/** Reads a length and returns where what it measures ends; throws where that is beyond `end`. */
export function readEnd(cursor: Cursor, end: number): number {
  const length = readVarint(cursor, end);
  if (length < 0 || length > end - cursor.at) throw badMessage();
  return cursor.at + length;
}

export function readText(cursor: Cursor, end: number): string {
  const stop = readEnd(cursor, end);
  const text = cursor.bytes.toString('utf8', cursor.at, stop);
  cursor.at = stop;
  return text;
}

/** The bytes themselves, as a view. */
export function readBytes(cursor: Cursor, end: number): Buffer {
  const stop = readEnd(cursor, end);
  const view = cursor.bytes.subarray(cursor.at, stop);
  cursor.at = stop;
  return view;
}
