import { expect, test } from 'vitest';
import { AppError } from '../../foundation/errors.ts';
import { LiveRequest } from '../../wrapper/request.ts';

const matrix = Float64Array.of(1, 2, 3, 4);

test('a column of a matrix is a copy, in the matrix’s own kind of array', () => {
  const request = new LiveRequest(['a', 'b'], 2, { matrix, columns: [] }, undefined);
  expect(request.column('b')).toEqual(Float64Array.of(2, 4));
  expect(() => request.column('c')).toThrow('There is no feature "c"; there are a, b');
  const single = new LiveRequest(['a', 'b'], 2, { matrix: Float32Array.from(matrix), columns: [] }, undefined);
  expect(single.column('a')).toEqual(Float32Array.of(1, 3));
});

test('with columns, each is as it came, and the matrix is empty', () => {
  const columns = [Float64Array.of(1, 3), ['x', 'y']];
  const request = new LiveRequest(['a', 'b'], 2, { matrix: undefined, columns }, undefined);
  expect(request.column('b')).toEqual(['x', 'y']);
  expect(request.matrix).toHaveLength(0);
});

const parameters = (text: string | undefined) => new LiveRequest([], 0, { matrix, columns: [] }, text).parameters;

test('parameters are an object, empty where there were none, and refused where they are none', () => {
  expect(parameters(undefined)).toEqual({});
  expect(parameters('{"topK":3}')).toEqual({ topK: 3 });
  expect(() => parameters('[1]')).toThrow('not a JSON object');
  expect(() => parameters('{')).toThrow('not JSON');
});

test('a signal that is read after the caller has gone is aborted already', () => {
  const request = new LiveRequest([], 0, { matrix, columns: [] }, undefined);
  expect(request.isWatched).toBe(false);
  const gone = new AppError('CANCELLED', 'gone');
  request.abort(gone);
  expect(request.signal).toMatchObject({ aborted: true, reason: gone });
});
