import type { MethodDefinition } from '@grpc/grpc-js';

const asIs = (message: Buffer): Buffer => message;

/**
 * The trial's wire: one gRPC stream of bytes. A message holds the requests of one tick: Float64 words, the count P, the
 * rows of each of P parts, then the matrix of all rows. The answer is the scores of all rows; a stream keeps order, so
 * nothing else is needed. No protocol could be cheaper, which is what a yardstick is for.
 */
export const tickStream = {
  Score: {
    path: '/bench.Trial/Score',
    requestStream: true,
    responseStream: true,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  } satisfies MethodDefinition<Buffer, Buffer>,
};
