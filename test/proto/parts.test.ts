import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asAppError } from '../../foundation/errors.ts';
import { decodeInferRequest, decodeInferResponse, encodeInferRequest, encodeInferResponse } from '../../proto/codec.ts';
import {
  cancelRequest,
  mergeAnswers,
  mergeParts,
  readAnswers,
  readCancel,
  readParts,
  sameLayout,
  type Part,
  type PartAnswer,
} from '../../proto/parts.ts';
import type { RawTensor } from '../../proto/rows.ts';
import { encodeTensor } from '../../proto/tensors.ts';

const matrix = (rows: number, values: readonly number[]): RawTensor => ({
  name: 'features',
  datatype: 'FP64',
  shape: [rows, 2],
  raw: encodeTensor(Float64Array.from(values)),
});
const names = (texts: string[]): RawTensor => ({
  name: 'carrier',
  datatype: 'BYTES',
  shape: [texts.length],
  raw: encodeTensor(texts),
});

const tensorsOf = (rows: number): fc.Arbitrary<RawTensor[]> =>
  fc
    .tuple(
      fc.array(fc.double(), { minLength: rows * 2, maxLength: rows * 2 }),
      fc.array(fc.string(), { minLength: rows, maxLength: rows }),
    )
    .map(([values, texts]) => [matrix(rows, values), names(texts)]);
const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const part: fc.Arbitrary<Part> = fc.nat(5).chain((rows) =>
  fc.record(
    {
      id,
      rows: fc.constant(rows),
      remainingUs: fc.maxSafeInteger(),
      tensors: tensorsOf(rows),
      parameters: fc.json(),
      trace: fc.string({ minLength: 1 }),
    },
    { requiredKeys: ['id', 'rows', 'remainingUs', 'tensors'] },
  ),
);
const answer: fc.Arbitrary<PartAnswer> = fc.oneof(
  fc
    .nat(5)
    .chain((rows) => fc.record({ id, rows: fc.constant(rows), status: fc.constant(0), outputs: tensorsOf(rows) })),
  fc.record({
    id,
    rows: fc.constant(0),
    status: fc.integer({ min: 1, max: 16 }),
    error: fc.json(),
    outputs: fc.constant([]),
  }),
);
const plainTensor = (tensor: RawTensor) => ({ ...tensor, raw: Buffer.from(tensor.raw).toString('hex') });
const plainPart = (one: Part) => ({ ...one, tensors: one.tensors.map(plainTensor) });
const plainAnswer = (one: PartAnswer) => ({ ...one, outputs: one.outputs.map(plainTensor) });

describe('merged requests', () => {
  test('have these bytes', () => {
    const request = mergeParts('m', '', [
      { id: 1, rows: 1, remainingUs: 500, tensors: [matrix(1, [1, 2])] },
      { id: 2 ** 33, rows: 2, remainingUs: -1, tensors: [matrix(2, [3, 4, 5, 6])] },
    ]);
    const decoded = decodeInferRequest(encodeInferRequest(request));
    expect(decoded.inputs).toEqual([
      { name: 'tandem.parts', datatype: 'INT64', shape: [2, 3] },
      { name: 'features', datatype: 'FP64', shape: [3, 2] },
    ]);
    expect(decoded.raw_input_contents[0]?.toString('hex')).toBe(
      [
        ['0100000000000000', '0100000000000000', 'f401000000000000'],
        ['0000000002000000', '0200000000000000', 'ffffffffffffffff'],
      ]
        .flat()
        .join(''),
    );
    expect(decoded.raw_input_contents[1]).toEqual(Buffer.from(Float64Array.of(1, 2, 3, 4, 5, 6).buffer));
  });

  test('give back exactly the parts that were merged', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const read = readParts(decodeInferRequest(encodeInferRequest(mergeParts('m', '1', parts))));
        expect(read?.map(plainPart)).toEqual(parts.map(plainPart));
      }),
    );
  });

  test('an ordinary request has no parts', () => {
    const request = { model_name: 'm', inputs: [{ name: 'x', datatype: 'FP64', shape: [0] }], raw_input_contents: [] };
    expect(readParts(request)).toBeUndefined();
  });

  test('parts of other columns do not share a message', () => {
    const one = [matrix(1, [1, 2])];
    expect(sameLayout(one, [matrix(2, [1, 2, 3, 4])])).toBe(true);
    expect(sameLayout(one, [{ ...matrix(1, [1, 2]), name: 'other' }])).toBe(false);
    expect(sameLayout(one, [{ ...matrix(1, [1, 2]), shape: [1, 3] }])).toBe(false);
    expect(sameLayout(one, [matrix(1, [1, 2]), names(['a'])])).toBe(false);
  });

  test('a request whose rows do not add up is INVALID_INPUT', () => {
    const good = mergeParts('m', '', [{ id: 1, rows: 2, remainingUs: 1, tensors: [matrix(2, [1, 2, 3, 4])] }]);
    const read = (change: (request: ReturnType<typeof decodeInferRequest>) => void) => () => {
      const request = decodeInferRequest(encodeInferRequest(good));
      change(request);
      return readParts(request);
    };
    const invalid = expect.objectContaining({ code: 'INVALID_INPUT' });
    expect(read(({ raw_input_contents: [table] }) => table?.writeInt32LE(3, 8))).toThrow(invalid);
    expect(read(({ raw_input_contents: [table] }) => table?.writeInt32LE(-1, 12))).toThrow(invalid);
    expect(read(({ inputs }) => (inputs[1].shape = [3, 2]))).toThrow(invalid);
    expect(read(({ inputs }) => (inputs[1].shape = [2, 3]))).toThrow(invalid);
    expect(read(({ inputs }) => (inputs[0].shape = [2, 3]))).toThrow(invalid);
    expect(read(({ raw_input_contents }) => raw_input_contents.pop())).toThrow(invalid);
  });

  test('garbage with the name of parts is INVALID_INPUT or parts, never another error', () => {
    const shape = fc.array(fc.integer({ min: -1, max: 9 }), { maxLength: 3 });
    const datatype = fc.constantFrom('INT64', 'BYTES', 'FP64', 'nonsense');
    const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
    const name = fc.constantFrom('tandem.parts', 'tandem.parameters', 'tandem.trace', 'tandem.errors', 'x');
    const tensors = fc.array(fc.record({ name, datatype, shape }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(tensors, fc.array(bytes, { maxLength: 4 }), (inputs, raws) => {
        const readRequest = () => readParts({ model_name: 'm', inputs, raw_input_contents: raws });
        const readResponse = () => readAnswers({ model_name: 'm', outputs: inputs, raw_output_contents: raws });
        expect(errorCodeOf(readRequest)).toBeOneOf([undefined, 'INVALID_INPUT']);
        expect(errorCodeOf(readResponse)).toBeOneOf([undefined, 'INVALID_INPUT']);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('merged answers', () => {
  test('give back exactly the answers that were merged', () => {
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 8 }), (answers) => {
        const read = readAnswers(decodeInferResponse(encodeInferResponse(mergeAnswers('m', '1', answers))));
        expect(read?.map(plainAnswer)).toEqual(answers.map(plainAnswer));
      }),
    );
  });

  test('one that failed leaves its neighbours their rows', () => {
    const merged = mergeAnswers('m', '', [
      { id: 1, rows: 1, status: 0, outputs: [matrix(1, [1, 2])] },
      { id: 2, rows: 0, status: 13, error: '{"code":"PREDICTOR_FAILED","error":"no"}', outputs: [] },
      { id: 3, rows: 1, status: 0, outputs: [matrix(1, [5, 6])] },
    ]);
    const read = readAnswers(decodeInferResponse(encodeInferResponse(merged)));
    expect(read?.map((one) => [one.id, one.rows, one.status])).toEqual([
      [1, 1, 0],
      [2, 0, 13],
      [3, 1, 0],
    ]);
    expect(read?.[1]?.error).toContain('PREDICTOR_FAILED');
    expect(Buffer.from(read?.[2]?.outputs[0]?.raw ?? [])).toEqual(Buffer.from(Float64Array.of(5, 6).buffer));
  });
});

describe('cancel messages', () => {
  test('carry their ids', () => {
    const request = decodeInferRequest(encodeInferRequest(cancelRequest('m', [1, 2 ** 40])));
    expect(request.raw_input_contents[0]?.toString('hex')).toBe('01000000000000000000000000010000');
    expect(readCancel(request)).toEqual([1, 2 ** 40]);
    expect(readParts(request)).toBeUndefined();
  });
});

function errorCodeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return asAppError(error).code;
  }
}
