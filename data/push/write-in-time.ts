import type { CancelSignal } from '../../foundation/cancel-signal.ts';
import { AppError, callerGone } from '../../foundation/errors.ts';

/**
 * Writes, and gives way when the caller goes or `timeoutMs` are over, whatever the sink does then: rejects with CANCELLED
 * or DEADLINE_EXCEEDED.
 */
export async function writeInTime(
  write: (signal: AbortSignal) => Promise<number>,
  caller: CancelSignal,
  timeoutMs: number,
): Promise<number> {
  const stop = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (error: AppError): void => {
    ended.reject(error);
    stop.abort();
  };
  const leave = (): void => end(callerGone());
  const late = 'The rows were not written in time; the same push can be sent again.';
  const timer = setTimeout(() => end(new AppError('DEADLINE_EXCEEDED', late)), timeoutMs);
  caller.addEventListener('abort', leave);
  if (caller.aborted) leave();
  try {
    return await Promise.race([ended.promise, write(stop.signal)]);
  } finally {
    clearTimeout(timer);
    caller.removeEventListener('abort', leave);
  }
}
