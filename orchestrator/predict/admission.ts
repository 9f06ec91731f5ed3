import { AppError } from '../../foundation/errors.ts';
import type { Predict } from './call.ts';
import { countInstances } from './decode-inputs.ts';

export interface InstanceLimits {
  /** In one call. */
  instances: number;
  /** Over all calls that are not yet answered. */
  instancesInFlight: number;
}

/**
 * Refuses calls beyond the instances that may be in flight: what waits costs memory, and would be late anyway. A call
 * that is too large for itself is told so first, since sending it again would never help.
 */
export function withAdmission(next: Predict, limits: () => InstanceLimits, inFlight: { instances: number }): Predict {
  return async (call) => {
    const { instances, instancesInFlight } = limits();
    const rows = countInstances(call.instances, instances);
    if (inFlight.instances + rows > instancesInFlight) {
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
