import type { Logger } from './telemetry/logger.ts';

/**
 * Runs `stop` once at the first SIGTERM or SIGINT and exits 0 when it is done, 1 when it failed; the same signal again
 * exits at once. The other one does not: Ctrl-C reaches a whole group, and who started a process of it then sends
 * SIGTERM for the same end. What nobody caught ends the process too: a service in an unknown state must not go on answering.
 */
export function stopOnSignals(stop: () => Promise<void>, logger: Logger): void {
  const heard = new Set<NodeJS.Signals>();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (heard.has(signal)) process.exit(130);
    heard.add(signal);
    if (heard.size > 1) return;
    logger.info({ signal }, 'draining');
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'the drain failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
