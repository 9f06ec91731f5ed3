/** Timers take at most 2^31 - 1 ms; Node fires a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls `onDue` after so many ms, and after what has arrived by then was read; the function it gives cancels it. One
 * beyond 24 days never comes: it is no bound.
 *
 * An event loop runs its timers before it reads its sockets. When a large request has held it up for 30 ms, a plain
 * timer of 40 would tell a time-out of an answer that had been there after 15: an immediate comes after the sockets.
 */
export function patientTimer(ms: number, onDue: () => void): () => void {
  if (ms > LONGEST_TIMER_MS) return () => {};
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(
    () => {
      immediate = setImmediate(onDue);
    },
    Math.max(0, ms),
  );
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
