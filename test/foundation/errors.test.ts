import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from 'vitest';
import { AppError, asAppError, ERROR_CODES, errorBody, type ErrorCode } from '../../foundation/errors.ts';

/** What callers rely on, by hand: a change of it is a change of contract. */
const TABLE: Record<ErrorCode, [status: number, retryable: boolean]> = {
  INVALID_INPUT: [400, false],
  UNAUTHENTICATED: [401, false],
  FORBIDDEN: [403, false],
  UNKNOWN_MODEL: [404, false],
  UNKNOWN_ROUTE: [404, false],
  METHOD_NOT_ALLOWED: [405, false],
  REQUEST_TIMEOUT: [408, true],
  PAYLOAD_TOO_LARGE: [413, false],
  OVERLOADED: [429, true],
  CANCELLED: [499, false],
  INTERNAL: [500, false],
  PREDICTOR_FAILED: [502, false],
  PREDICTOR_INVALID_OUTPUT: [502, false],
  FEATURE_UNAVAILABLE: [503, true],
  WRAPPER_UNAVAILABLE: [503, true],
  NOT_READY: [503, true],
  DEADLINE_EXCEEDED: [504, true],
};

describe('the table of errors', () => {
  it('has the status of each code, and whether the same call may succeed when sent again', () => {
    const table = ERROR_CODES.map((code) => {
      const { status, retryable } = new AppError(code, 'A sentence.');
      return [code, [status, retryable]];
    });
    expect(Object.fromEntries(table)).toEqual(TABLE);
  });

  it('has statuses that HTTP knows, but for the one of a caller that nobody answers', () => {
    const unknown = ERROR_CODES.filter((code) => STATUS_CODES[new AppError(code, '').status] === undefined);
    expect(unknown).toEqual(['CANCELLED']);
  });
});

describe('an error', () => {
  it('is the same error when it is already ours', () => {
    const error = new AppError('OVERLOADED', 'Too much.');
    expect(asAppError(error)).toBe(error);
  });

  it.each([new Error('password at /etc/secret'), 'a text', undefined, null, { code: 'OVERLOADED' }])(
    'is INTERNAL when %s was thrown, keeps it as its cause and says nothing of it',
    (thrown) => {
      const error = asAppError(thrown);
      expect(error).toMatchObject({ code: 'INTERNAL', message: 'An internal error occurred; the log names it.' });
      expect(error.cause).toBe(thrown);
      expect(JSON.stringify(errorBody(error))).not.toContain('secret');
    },
  );

  it('has a body with details only where there are some', () => {
    const details = [{ instance: 2, field: 'km', problem: 'is required (double)' }];
    expect(errorBody(new AppError('NOT_READY', 'Not yet.', { cause: new Error('why') }))).toEqual({
      error: 'Not yet.',
      code: 'NOT_READY',
      retryable: true,
    });
    expect(errorBody(new AppError('INVALID_INPUT', 'Bad.', { details }))).toEqual({
      error: 'Bad.',
      code: 'INVALID_INPUT',
      retryable: false,
      details,
    });
  });
});
