import { assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeLz4Frame } from '../../../data/arrow/lz4-frame.ts';

/** Magic, then the flags: version 1, blocks that are independent; blocks up to 64 KiB; a checksum that nobody reads. */
const HEADER = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
const END = [0, 0, 0, 0];
const frame = (...bytes: number[]): Uint8Array => Uint8Array.from([...HEADER, ...bytes]);
const block = (...bytes: number[]): number[] => [bytes.length, 0, 0, 0, ...bytes];
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const a = 'a'.charCodeAt(0);

function outcomeOf(bytes: Uint8Array): string {
  try {
    return decodeLz4Frame(bytes) instanceof Uint8Array ? 'bytes' : 'neither';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('an LZ4 frame', () => {
  test('has literals alone in its last sequence', () => {
    expect(text(decodeLz4Frame(frame(...block(0x30, a, a + 1, a + 2), ...END)))).toBe('abc');
  });

  test('repeats what came before, also what the match itself is making', () => {
    // Three literals, then 8 bytes from 3 before; no literal behind.
    const overlapping = block(0x34, a, a + 1, a + 2, 3, 0, 0x00);
    expect(text(decodeLz4Frame(frame(...overlapping, ...END)))).toBe('abcabcabcab');
    const apart = block(0x40, a, a + 1, a + 2, a + 3, 4, 0, 0x10, a);
    expect(text(decodeLz4Frame(frame(...apart, ...END)))).toBe('abcdabcda');
  });

  test('has lengths of 15 and more in further bytes', () => {
    const literals = Array.from({ length: 300 }, (_, at) => at % 251);
    const long = block(0xf0, 255, 30, ...literals)
      .with(0, 303 & 255)
      .with(1, 303 >> 8);
    expect([...decodeLz4Frame(frame(...long, ...END))]).toEqual(literals);
    const match = block(0x1f, a, 1, 0, 255, 11, 0x00);
    expect(text(decodeLz4Frame(frame(...match, ...END)))).toBe('a'.repeat(1 + 4 + 15 + 255 + 11));
  });

  test('has stored blocks, and matches that reach into the block before', () => {
    const stored = [3, 0, 0, 0x80, a, a + 1, a + 2];
    expect(text(decodeLz4Frame(frame(...stored, ...block(0x00, 3, 0, 0x00), ...END)))).toBe('abcabca');
  });

  test('may say its size and have checksums', () => {
    const flags = 0x60 | 0x10 | 0x08 | 0x04;
    const sized = [0x04, 0x22, 0x4d, 0x18, flags, 0x40, 1, 0, 0, 0, 0, 0, 0, 0, 0x82];
    const bytes = [...sized, ...block(0x10, a), 9, 9, 9, 9, ...END, 9, 9, 9, 9];
    expect(text(decodeLz4Frame(Uint8Array.from(bytes)))).toBe('a');
  });

  test.each([
    ['another magic', Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])],
    ['no end', frame(...block(0x10, a))],
    ['a block beyond its end', frame(200, 0, 0, 0, 0x10, a)],
    ['literals beyond the block', frame(...block(0x50, a), ...END)],
    ['an offset of 0', frame(...block(0x10, a, 0, 0, 0x00), ...END)],
    ['an offset before the beginning', frame(...block(0x10, a, 2, 0, 0x00), ...END)],
    ['a length without an end', frame(...block(0xf0, 255), ...END)],
    ['a dictionary', Uint8Array.from([0x04, 0x22, 0x4d, 0x18, 0x61, 0x40, 0x82, 0, 0, 0, 0])],
  ])('with %s is refused', (_, bytes) => {
    expect(() => decodeLz4Frame(bytes)).toThrow('LZ4');
  });

  test('of any bytes ends in bytes or in that error', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), integer({ min: 0, max: 200 }), (bytes, size) => {
        expect(outcomeOf(Uint8Array.from([...HEADER, size, 0, 0, 0, ...bytes]))).toMatch(
          /^(?:bytes|the LZ4 data is damaged)$/,
        );
      }),
    );
  });
});
