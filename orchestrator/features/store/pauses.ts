/** What seeks a server that is gone begins with, and grows to: one that is back is found within the longest and a quarter. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** The pause after so many failures in a row (0: none yet), twice the one before, up to the longest. */
export function growingPauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
}

/** A pause a quarter more or less: many processes that lost a server at once do not come back at once. */
export function spread(pauseMs: number, random: () => number): number {
  return pauseMs * (0.75 + random() / 2);
}
