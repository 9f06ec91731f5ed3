import type { FileParts } from './file-parts.ts';

/** A field of a protobuf message in a file: a number, or the range of bytes that it fills. */
export interface ProtobufField {
  number: number;
  /** Of a varint; 0 for all else. */
  value: number;
  start: number;
  end: number;
}

/** A tag of a field has up to 5 bytes, a varint behind it up to 10. */
const HEAD_BYTES = 15;
const VARINT = 0;
const SIXTY_FOUR_BITS = 1;
const LENGTH = 2;
const THIRTY_TWO_BITS = 5;

/**
 * The fields of the message from `start` to `end`, in the file's order, without reading what they hold
 * (protobuf.dev/programming-guides/encoding). Throws where the bytes are no message.
 */
export function* protobufFields(file: FileParts, start: number, end: number): Generator<ProtobufField> {
  for (let at = start; at < end;) {
    const head = file.read(at, Math.min(at + HEAD_BYTES, end));
    const tag = readVarint(head, 0);
    const number = Math.floor(tag.value / 8);
    const kind = tag.value % 8;
    const isCounted = kind === VARINT || kind === LENGTH;
    const { value, next } = isCounted ? readVarint(head, tag.next) : { value: 0, next: tag.next };
    const from = at + next;
    const to = from + bytesOf(kind, value);
    // A kind that no message has gives NaN.
    if (number === 0 || !(to <= end)) throw new Error('it is damaged');
    yield { number, value: kind === VARINT ? value : 0, start: from, end: to };
    at = to;
  }
}

function bytesOf(kind: number, length: number): number {
  if (kind === VARINT) return 0;
  if (kind === LENGTH) return length;
  if (kind === SIXTY_FOUR_BITS) return 8;
  return kind === THIRTY_TWO_BITS ? 4 : Number.NaN;
}

/** Exact up to 2^53, which no length of a file and no size of a tensor passes. */
function readVarint(bytes: Buffer, from: number): { value: number; next: number } {
  let value = 0;
  for (let at = from, scale = 1; at < bytes.length; at++, scale *= 128) {
    value += (bytes[at] & 127) * scale;
    if (bytes[at] < 128) return { value, next: at + 1 };
  }
  throw new Error('it is damaged');
}
