import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeContents, decodeTensor, elementCount, encodeStrings, encodeTensor } from '../../proto/tensors.ts';

describe('tensors', () => {
  test('numbers are little-endian bytes without a copy', () => {
    const values = new Float64Array([1, -2]);
    const bytes = encodeTensor(values);
    expect(Buffer.from(bytes).toString('hex')).toBe('000000000000f03f00000000000000c0');
    expect(bytes.buffer).toBe(values.buffer);
    expect(decodeTensor('FP64', bytes, 2)).toEqual(values);
  });

  test('aligned bytes are viewed and others are copied', () => {
    const memory = new Uint8Array(24);
    const aligned = decodeTensor('FP64', memory.subarray(8, 16), 1) as Float64Array;
    const copied = decodeTensor('FP64', memory.subarray(1, 9), 1) as Float64Array;
    expect(aligned.buffer).toBe(memory.buffer);
    expect(copied.buffer).not.toBe(memory.buffer);
  });

  test('strings carry their length before them', () => {
    expect(encodeStrings(['é', undefined, 'ab']).toString('hex')).toBe('02000000c3a900000000020000006162');
  });

  test('every value comes back as it was sent, at any alignment', () => {
    const tensors = fc.oneof(
      fc.float64Array().map((data) => ({ datatype: 'FP64', data })),
      fc.float32Array().map((data) => ({ datatype: 'FP32', data })),
      fc.bigInt64Array().map((data) => ({ datatype: 'INT64', data })),
      fc.int32Array().map((data) => ({ datatype: 'INT32', data })),
      fc.uint8Array().map((data) => ({ datatype: 'UINT8', data })),
      fc.array(fc.string({ unit: 'grapheme' })).map((data) => ({ datatype: 'BYTES', data })),
    );
    fc.assert(
      fc.property(tensors, fc.nat(8), ({ datatype, data }, shift) => {
        const encoded = encodeTensor(data);
        const shifted = new Uint8Array(encoded.byteLength + shift);
        shifted.set(encoded, shift);
        expect(decodeTensor(datatype, shifted.subarray(shift), data.length)).toEqual(data);
      }),
    );
  });

  test('bytes that do not fit the shape are INVALID_INPUT', () => {
    const cases: [string, string, number][] = [
      ['FP64', '00', 1],
      ['INT64', '0000000000000000', 2],
      ['BYTES', '05000000aa', 1],
      ['BYTES', '00000000', 2],
      ['BYTES', '0000000000', 1],
      ['FP16', '0000', 1],
      ['BYTES', '', 4_000_000_000],
    ];
    for (const [datatype, hex, count] of cases) {
      expect(() => decodeTensor(datatype, Buffer.from(hex, 'hex'), count)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }),
      );
    }
  });

  test('a shape that has no size is INVALID_INPUT', () => {
    expect(elementCount([2, 3])).toBe(6);
    for (const shape of [[-1], [2, 0.5], [2 ** 40, 2 ** 40], [Number.NaN]]) {
      expect(() => elementCount(shape)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    }
  });

  test('typed contents of every datatype are read', () => {
    expect(decodeContents('BOOL', { bool_contents: [true, false] }, 2)).toEqual(Uint8Array.of(1, 0));
    expect(decodeContents('INT32', { int_contents: [-3] }, 1)).toEqual(Int32Array.of(-3));
    expect(decodeContents('INT64', { int64_contents: ['9007199254740993'] }, 1)).toEqual(
      BigInt64Array.of(9007199254740993n),
    );
    expect(decodeContents('UINT8', { uint_contents: [255] }, 1)).toEqual(Uint8Array.of(255));
    expect(decodeContents('FP32', { fp32_contents: [0.5] }, 1)).toEqual(Float32Array.of(0.5));
    expect(decodeContents('FP64', { fp64_contents: [0.1] }, 1)).toEqual(Float64Array.of(0.1));
    expect(decodeContents('BYTES', { bytes_contents: [Buffer.from('é')] }, 1)).toEqual(['é']);
  });

  test('typed contents in the wrong list or of the wrong count are INVALID_INPUT', () => {
    expect(() => decodeContents('FP64', { fp32_contents: [1] }, 1)).toThrow('none that fit it');
    expect(() => decodeContents('FP64', { fp64_contents: [1] }, 2)).toThrow('has 1 in its contents');
    expect(() => decodeContents('FP16', {}, 1)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});
