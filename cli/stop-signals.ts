import { constants } from 'node:os';

/** What a user, or who runs the process, asks for an end by. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** The first of SIGINT and SIGTERM as a request to come to an end; the second one ends the process, as it does by itself. */
export interface StopSignals {
  /** Aborts when the first one comes. */
  stop: AbortSignal;
  /** Which one came. */
  readonly received: StopSignal | undefined;
  /** Listens no more. */
  [Symbol.dispose](): void;
}

export function stopSignals(): StopSignals {
  const stop = new AbortController();
  let received: StopSignal | undefined;
  const listen = (signal: StopSignal): void => {
    received = signal;
    off();
    stop.abort();
  };
  const off = (): void => {
    process.off('SIGINT', listen);
    process.off('SIGTERM', listen);
  };
  process.on('SIGINT', listen);
  process.on('SIGTERM', listen);
  return {
    stop: stop.signal,
    get received() {
      return received;
    },
    [Symbol.dispose]: off,
  };
}

/** What a shell says of a process that a signal ended: 130, 143. */
export function exitCodeOf(signal: StopSignal): number {
  return 128 + constants.signals[signal];
}
