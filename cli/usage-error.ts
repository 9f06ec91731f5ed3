import { AppError, type ErrorCode } from '../foundation/errors.ts';

/**
 * Does what a command is for; an error that says that it was called wrongly (by default INVALID_INPUT) is a line on
 * stderr and exit 2.
 */
export async function exitTwoOn(
  work: () => Promise<void>,
  isUsage: (code: ErrorCode) => boolean = (code) => code === 'INVALID_INPUT',
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError) || !isUsage(error.code)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
