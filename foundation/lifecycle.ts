import type { Logger } from './telemetry/logger.ts';

/**
 * Runs `stop` once at the first SIGTERM or SIGINT and exits 0 when it is done, 1 when it failed; a second signal exits
 * at once. What nobody caught ends the process too: a service in an unknown state must not go on answering.
 */
export function stopOnSignals(stop: () => Promise<void>, logger: Logger): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(130);
    stopping = true;
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
