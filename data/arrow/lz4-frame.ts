/*
 * LZ4 frames, decoded: what pyarrow and pandas write by default within Feather files, and Node has no decoder for. Layout
 * by lz4_Frame_format.md and lz4_Block_format.md of the LZ4 project. Checksums are passed over, as zlib-less readers of
 * Arrow do: every length and offset is checked instead, so that damaged bytes end in an error and never beyond a buffer.
 */

const MAGIC = 0x184d2204;
const VERSION = 1;
const HAS_BLOCK_CHECKSUM = 0x10;
const HAS_CONTENT_SIZE = 0x08;
const HAS_DICTIONARY = 0x01;
const IS_STORED = 0x80000000;
const MIN_MATCH = 4;

/** The bytes of one LZ4 frame. Throws Error where they are damaged, or need a dictionary. */
export function decodeLz4Frame(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = frame.length >= 7 ? frame[4] : 0;
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC || flags >> 6 !== VERSION) throw damaged();
  if ((flags & HAS_DICTIONARY) !== 0) throw new Error('LZ4 frames with a dictionary are not read');
  let at = 4 + 2 + ((flags & HAS_CONTENT_SIZE) === 0 ? 0 : 8) + 1;
  const output = new Output(frame.length * 3);
  for (;;) {
    if (at + 4 > frame.length) throw damaged();
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return output.bytes();
    const end = at + (size & ~IS_STORED);
    if (end > frame.length) throw damaged();
    if ((size & IS_STORED) === 0) decodeBlock(frame, at, end, output);
    else output.append(frame, at, end);
    at = end + ((flags & HAS_BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
}

/** A block is sequences: literals, then a match that repeats bytes from before, also of earlier blocks. The last has no match. */
function decodeBlock(block: Uint8Array, from: number, end: number, output: Output): void {
  let at = from;
  /** A length of 15 goes on in bytes, up to one that is not 255. */
  const lengthOf = (nibble: number): number => {
    let length = nibble;
    for (let more = nibble === 15 ? 255 : 0; more === 255;) {
      if (at >= end) throw damaged();
      length += more = block[at++];
    }
    return length;
  };
  while (at < end) {
    const token = block[at++];
    const literals = lengthOf(token >> 4);
    if (at + literals > end) throw damaged();
    output.append(block, at, at + literals);
    at += literals;
    if (at === end) return;
    if (at + 2 > end) throw damaged();
    const offset = block[at] | (block[at + 1] << 8);
    at += 2;
    output.repeat(offset, lengthOf(token & 15) + MIN_MATCH);
  }
}

/** Bytes that grow. */
class Output {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  append(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    this.#bytes.set(source.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** A match may reach into itself: an offset of 1 repeats one byte. */
  repeat(offset: number, length: number): void {
    if (offset === 0 || offset > this.#length) throw damaged();
    this.#reserve(length);
    const [bytes, start] = [this.#bytes, this.#length];
    if (offset >= length) bytes.copyWithin(start, start - offset, start - offset + length);
    else for (let at = start; at < start + length; at++) bytes[at] = bytes[at - offset];
    this.#length += length;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length); // Arrow's vectors need a buffer that begins where they do
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

const damaged = (): Error => new Error('the LZ4 data is damaged');
