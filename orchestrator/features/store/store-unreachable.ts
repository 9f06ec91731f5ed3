import { AppError } from '../../../foundation/errors.ts';

/** There is no connection to what was asked for, which was known at once or is now: FEATURE_UNAVAILABLE. `cause` is for the log. */
export class StoreUnreachable extends AppError {
  constructor(store: string, cause: unknown) {
    super('FEATURE_UNAVAILABLE', `The store "${store}" cannot be reached.`, { cause });
  }
}
