import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { errorOfPart, errorOfStatus } from '../../../orchestrator/model/status.ts';

test('every gRPC status has a code of ours', () => {
  const codes = Object.values(status)
    .filter((code) => typeof code === 'number' && code !== status.OK)
    .map((code) => [status[code as number], errorOfStatus(code as number, undefined).code]);
  expect(Object.fromEntries(codes)).toEqual({
    CANCELLED: 'CANCELLED',
    UNKNOWN: 'PREDICTOR_FAILED',
    INVALID_ARGUMENT: 'PREDICTOR_FAILED',
    DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
    NOT_FOUND: 'WRAPPER_UNAVAILABLE',
    ALREADY_EXISTS: 'PREDICTOR_FAILED',
    PERMISSION_DENIED: 'WRAPPER_UNAVAILABLE',
    RESOURCE_EXHAUSTED: 'OVERLOADED',
    FAILED_PRECONDITION: 'WRAPPER_UNAVAILABLE',
    ABORTED: 'PREDICTOR_FAILED',
    OUT_OF_RANGE: 'PREDICTOR_FAILED',
    UNIMPLEMENTED: 'PREDICTOR_FAILED',
    INTERNAL: 'PREDICTOR_FAILED',
    UNAVAILABLE: 'WRAPPER_UNAVAILABLE',
    DATA_LOSS: 'PREDICTOR_FAILED',
    UNAUTHENTICATED: 'WRAPPER_UNAVAILABLE',
  });
});

test('a part carries our own code and sentence through', () => {
  const error = errorOfPart(status.INVALID_ARGUMENT, '{"code":"INVALID_INPUT","error":"Seats are not negative."}');
  expect(error).toMatchObject({ code: 'INVALID_INPUT', message: 'Seats are not negative.' });
});

test('an error that is not written as ours counts by its status', () => {
  for (const json of [undefined, '', '{', 'null', '[]', '{"code":"NONSENSE","error":"x"}', '{"code":"INTERNAL"}']) {
    expect(errorOfPart(status.DEADLINE_EXCEEDED, json)).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'The model did not answer within the deadline.',
    });
  }
});
