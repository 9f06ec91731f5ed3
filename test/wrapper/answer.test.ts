import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../foundation/errors.ts';
import { checkAnswer } from '../../wrapper/answer.ts';

describe('what predict may return', () => {
  test('numbers and strings, bare, are the output "predictions"', () => {
    expect(checkAnswer(Float64Array.of(1, 2), 2)).toEqual([
      { name: 'predictions', shape: [2], data: Float64Array.of(1, 2) },
    ]);
    expect(checkAnswer(Float32Array.of(0.5), 1)[0].data).toEqual(Float64Array.of(0.5));
    expect(checkAnswer([3, 4], 2)[0].data).toEqual(Float64Array.of(3, 4));
    expect(checkAnswer(['a', 'b'], 2)[0].data).toEqual(['a', 'b']);
    expect(checkAnswer([], 0)[0].shape).toEqual([0]);
  });

  test('a block of several numbers a row', () => {
    expect(checkAnswer({ shape: [2, 2], data: [1, 2, 3, 4] }, 2)).toEqual([
      { name: 'predictions', shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) },
    ]);
  });

  test('several outputs by name', () => {
    const outputs = checkAnswer({ label: ['x'], risk: [0.2], pair: { shape: [1, 2], data: [0.8, 0.2] } }, 1);
    expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['label', [1]],
      ['risk', [1]],
      ['pair', [1, 2]],
    ]);
  });

  test('any finite numbers come out bit for bit, in memory of their own', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (numbers) => {
        const answer = Float64Array.from(numbers);
        const [{ data }] = checkAnswer(answer, numbers.length);
        answer.fill(7);
        expect([...data]).toEqual(numbers);
      }),
    );
  });
});

const WRONG: [string, unknown, string][] = [
  ['nothing', undefined, '`predict` returned undefined; it returns one number or string a row.'],
  ['null', null, '`predict` returned null; it returns one number or string a row.'],
  ['one number', 0.3, '`predict` returned a number; it returns one number or string a row.'],
  ['no outputs', {}, '`predict` returned an object without outputs.'],
  [
    'other arrays',
    Int32Array.of(1, 2),
    '`predict` returned an instance of Int32Array; it returns one number or string a row.',
  ],
  ['too few values', [1], '`predict` returned 1 value for 2 rows.'],
  ['too many values', Float64Array.of(1, 2, 3), '`predict` returned 3 values for 2 rows.'],
  ['NaN', [1, Number.NaN], '`predict` returned NaN for row 1; every number is finite.'],
  ['Infinity', Float64Array.of(Infinity, 1), '`predict` returned Infinity for row 0; every number is finite.'],
  ['a string among numbers', [1, 'x'], '`predict` returned a string for row 1 among numbers.'],
  ['a number among strings', ['x', 1], '`predict` returned a number for row 1 among strings.'],
  ['null among numbers', [1, null], '`predict` returned null for row 1 among numbers.'],
  ['a hole', Array.from({ length: 2 }), '`predict` returned undefined for row 0 among numbers.'],
  ['bigints', [1n, 2n], '`predict` returned a bigint for row 0 among numbers.'],
  ['booleans', [true, false], '`predict` returned a boolean for row 0 among numbers.'],
  [
    'arrays in an array',
    [
      [0.1, 0.9],
      [0.2, 0.8],
    ],
    '`predict` returned an array for row 0; several numbers a row are { shape: [rows, width], data }.',
  ],
  [
    'a wrong first dimension',
    { shape: [3, 1], data: [1, 2, 3] },
    '`predict` returned shape [3, 1] for 2 rows; the first number is the rows.',
  ],
  [
    'a shape that data does not fill',
    { shape: [2, 2], data: [1, 2, 3] },
    '`predict` returned 3 values for shape [2, 2], which holds 4.',
  ],
  [
    'a shape of no numbers',
    { shape: ['2'], data: [1, 2] },
    '`predict` returned a shape that is not a list of whole numbers.',
  ],
  [
    'a block without numbers',
    { shape: [2], data: 'ab' },
    '`predict` returned a string as `data`; it is a Float64Array, Float32Array or number[].',
  ],
  [
    'NaN in a block',
    { shape: [2, 2], data: [1, 2, Number.NaN, 4] },
    '`predict` returned NaN for row 1; every number is finite.',
  ],
  ['a named output of a wrong length', { risk: [1] }, 'Output "risk" of `predict` returned 1 value for 2 rows.'],
  [
    'a promise in a named output',
    { risk: Promise.resolve([1]) },
    'Output "risk" of `predict` returned a Promise; await it; it returns one number or string a row.',
  ],
  [
    'a reserved name',
    { 'tandem.parts': [1, 2] },
    '"tandem.parts" is no name for an output: it is not empty and does not begin with "tandem.".',
  ],
];

describe('what predict may not return', () => {
  test.each(WRONG)('%s', (_, answer, sentence) => {
    const thrown = thrownBy(() => checkAnswer(answer, 2));
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ code: 'PREDICTOR_INVALID_OUTPUT', message: sentence });
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
