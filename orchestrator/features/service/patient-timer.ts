/**
 * Calls `onDue` after so many ms, and after what has arrived by then was read; the function it gives cancels it.
 *
 * An event loop runs its timers before it reads its sockets. When a large request has held it up for 30 ms, a plain
 * timer of 40 would tell a time-out of an answer that had been there after 15: an immediate comes after the sockets.
 */
export function patientTimer(ms: number, onDue: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(onDue);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
