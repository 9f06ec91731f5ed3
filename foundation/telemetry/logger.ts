import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Structured logs on stderr, so that stdout stays for what a command answers. */
export function createLogger(level: string, name: string): Logger {
  return pino({ level, name, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: false }));
}
