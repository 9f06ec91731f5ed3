import { AppError } from '../../foundation/errors.ts';
import type { InspectOptions } from '../../orchestrator/features/source.ts';

/** What every step of an examination is bounded by. */
export interface Bounds {
  /** How long each step may take. */
  timeoutMs: number;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
}

/** A step that can end early, with what it has by then, is told to do so this much before it is given up. */
const TOLD_SHARE = 0.9;

/**
 * One step, which is told its deadline and is given up a little later whatever it does: rejects with AppError
 * DEADLINE_EXCEEDED. What comes of it then goes to `onLate`.
 */
export async function inTime<Made>(
  { timeoutMs, now }: Bounds,
  step: (options: InspectOptions) => Made | Promise<Made>,
  onLate?: (made: Made) => void,
): Promise<Made> {
  const stop = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new AppError('DEADLINE_EXCEEDED', 'It did not answer in time.'));
    stop.abort();
  }, timeoutMs);
  const stepping = Promise.resolve().then(() =>
    step({ signal: stop.signal, deadlineMs: now() + TOLD_SHARE * timeoutMs }),
  );
  // After the deadline nobody waits for how the step ends.
  stepping.then((made) => stop.signal.aborted && onLate?.(made)).catch(() => undefined);
  try {
    return await Promise.race([stepping, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
