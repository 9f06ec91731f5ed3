import { AppError } from '../../foundation/errors.ts';
import type { Predict } from './call.ts';

/** Refuses calls beyond `limit` instances in flight: what waits costs memory, and would be late anyway. */
export function withAdmission(next: Predict, limit: () => number, inFlight: { instances: number }): Predict {
  return async (call) => {
    const { instances } = call;
    const rows = 'objects' in instances ? instances.objects.length : instances.rows;
    if (inFlight.instances + rows > limit()) {
      throw new AppError('OVERLOADED', 'Too many instances are in flight; try again later.');
    }
    inFlight.instances += rows;
    try {
      return await next(call);
    } finally {
      inFlight.instances -= rows;
    }
  };
}
