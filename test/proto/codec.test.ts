import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asAppError } from '../../foundation/errors.ts';
import {
  decodeInferRequest,
  decodeInferResponse,
  decodeStreamResponse,
  encodeInferRequest,
  encodeInferResponse,
  encodeStreamResponse,
} from '../../proto/codec.ts';
import { loadedService } from '../../proto/load.ts';

const text = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }));
const tensor = fc.record({
  name: text,
  datatype: fc.constantFrom('FP64', 'INT64', 'BYTES'),
  shape: fc.array(fc.oneof(fc.nat(), fc.maxSafeNat()), { maxLength: 4, minLength: 1 }),
});
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const request = fc.record({
  model_name: text,
  model_version: text,
  id: text,
  inputs: fc.array(tensor, { maxLength: 5 }),
  raw_input_contents: fc.array(bytes, { maxLength: 5 }),
});
const response = fc.record({
  model_name: text,
  model_version: text,
  id: text,
  outputs: fc.array(tensor, { maxLength: 5 }),
  raw_output_contents: fc.array(bytes, { maxLength: 5 }),
});

describe('the codec', () => {
  test('writes a request with these bytes', () => {
    const encoded = encodeInferRequest({
      model_name: 'm',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [300, 1] }],
      raw_input_contents: [[Buffer.of(1, 2), Buffer.of(3)]],
    });
    expect(encoded.toString('hex')).toBe(
      ['0a016d', '2a0e', '0a0178', '120446503332', '1a03ac0201', '3a03010203'].join(''),
    );
  });

  test('writes a stream answer with these bytes', () => {
    const encoded = encodeStreamResponse({
      infer_response: {
        model_name: 'm',
        model_version: '7',
        outputs: [{ name: 'y', datatype: 'FP64', shape: [1] }],
        raw_output_contents: [Buffer.of(9)],
      },
    });
    expect(encoded.toString('hex')).toBe(
      ['1217', '0a016d', '120137', '2a0c', '0a0179', '120446503634', '1a0101', '320109'].join(''),
    );
  });

  test('writes the same bytes as protobufjs and reads them back, for requests', () => {
    fc.assert(
      fc.property(request, (message) => {
        const encoded = encodeInferRequest(message);
        expect(encoded.equals(loadedService.ModelInfer.requestSerialize(message))).toBe(true);
        expect(decodeInferRequest(encoded)).toEqual(message);
      }),
    );
  });

  test('writes the same bytes as protobufjs and reads them back, for answers', () => {
    fc.assert(
      fc.property(response, (message) => {
        const encoded = encodeInferResponse(message);
        expect(encoded.equals(loadedService.ModelInfer.responseSerialize(message))).toBe(true);
        expect(decodeInferResponse(encoded)).toEqual(message);
        const streamed = encodeStreamResponse({ infer_response: message });
        expect(streamed.equals(loadedService.ModelStreamInfer.responseSerialize({ infer_response: message }))).toBe(
          true,
        );
        expect(decodeStreamResponse(streamed)).toEqual({ error_message: '', infer_response: message });
      }),
    );
  });

  test('lays the pieces of a raw content side by side', () => {
    fc.assert(
      fc.property(fc.array(bytes), (pieces) => {
        const message = { model_name: 'm', inputs: [{ name: 'x', datatype: 'UINT8', shape: [1] }] };
        const inPieces = encodeInferRequest({ ...message, raw_input_contents: [pieces] });
        const whole = encodeInferRequest({ ...message, raw_input_contents: [Buffer.concat(pieces)] });
        expect(inPieces.equals(whole)).toBe(true);
      }),
    );
  });

  test('reads typed contents and parameters that other clients send', () => {
    const encoded = loadedService.ModelInfer.requestSerialize({
      model_name: 'm',
      parameters: { priority: { int64_param: '9007199254740993' } },
      inputs: [{ name: 'x', datatype: 'INT64', shape: [2], contents: { int64_contents: ['9007199254740993', '-1'] } }],
    });
    const decoded = decodeInferRequest(encoded);
    expect(decoded.parameters?.['priority']?.int64_param).toBe('9007199254740993');
    expect(decoded.inputs[0]?.shape).toEqual([2]);
    expect(decoded.inputs[0]?.contents?.int64_contents).toEqual(['9007199254740993', '-1']);
    expect(decodeInferRequest(encodeInferRequest(decoded))).toEqual(decoded);
  });

  test('writes and reads an answer that is only an error message', () => {
    expect(decodeStreamResponse(encodeStreamResponse({ error_message: 'unreadable' }))).toMatchObject({
      error_message: 'unreadable',
    });
  });

  test('garbage is a message or INVALID_INPUT, never another error', () => {
    const decoders = [decodeInferRequest, decodeInferResponse, decodeStreamResponse];
    const garbage = fc.oneof(bytes, damaged());
    fc.assert(
      fc.property(garbage, fc.constantFrom(...decoders), (input, decode) => {
        expect(errorCodeOf(() => decode(input))).toBeOneOf([undefined, 'INVALID_INPUT']);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Well-formed requests with one byte changed, or cut short. */
function damaged(): fc.Arbitrary<Buffer> {
  return fc.tuple(request, fc.nat(), fc.nat(255), fc.boolean()).map(([message, at, byte, cut]) => {
    const encoded = encodeInferRequest(message);
    const place = at % encoded.length;
    if (cut) return encoded.subarray(0, place);
    encoded[place] = byte;
    return encoded;
  });
}

function errorCodeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return asAppError(error).code;
  }
}
