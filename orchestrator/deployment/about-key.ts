import { AppError, asAppError } from '../../foundation/errors.ts';

/** The same error with the key of the YAML that it is about, as its details' `field`. */
export function aboutKey(field: string, thrown: unknown): AppError {
  const { code, message, cause } = asAppError(thrown);
  return new AppError(code, message, { cause, details: [{ field, problem: message }] });
}
