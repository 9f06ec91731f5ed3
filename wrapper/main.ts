/** The child of `tandem wrap`: hosts one predictor and its server until it is told to stop, or its supervisor is gone. */
import { flushCompileCache } from 'node:module';
import { performance } from 'node:perf_hooks';
import { createLogger, type Logger } from '../foundation/telemetry/logger.ts';
import { Host } from './host.ts';
import type { HostSpec } from './host-spec.ts';
import { WrapperServer } from './server.ts';
import { heartbeatMs, type ChildReport, type HostOrder } from './supervision.ts';

const clock = (): number => performance.now();

function report(message: ChildReport): void {
  // The supervisor may be gone already; `disconnect` ends this process then.
  process.send?.(message, undefined, {}, () => undefined);
}

/** Runs until the process ends. Rejects where the predictor does not load or the address cannot be had. */
async function host(spec: HostSpec, log: Logger): Promise<void> {
  const model = new Host(spec, log, clock);
  const server = new WrapperServer(model);
  const beat = setInterval(() => {
    report({ kind: 'heartbeat' });
    if (model.isStuck(spec.hangAfterMs)) {
      log.fatal(
        { model: spec.model },
        'No promise of `predict` settles any more; the process ends and is started again',
      );
      process.exit(1);
    }
  }, heartbeatMs(spec.hangAfterMs));
  process.once('SIGTERM', () => {
    void server.drain(spec.drainTimeoutMs).then(() => {
      clearInterval(beat);
      process.exit(0);
    });
  });
  try {
    const [loaded] = await Promise.all([model.loading, server.listen()]);
    report({ kind: 'loaded', version: loaded.version });
    // Node writes the cache when a process exits by itself; one that is killed would leave none for the next.
    flushCompileCache();
  } catch (error) {
    // Those who wait for the load are told why before the process goes.
    await server.close();
    throw error;
  }
}

// Ctrl-C reaches the whole group: the supervisor hears it too and sends SIGTERM when it is time.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(1));
process.once('message', (order: HostOrder) => {
  const log = createLogger(order.spec.logLevel, 'wrapper');
  host(order.spec, log).catch((error: unknown) => {
    log.fatal({ model: order.spec.model, err: error }, error instanceof Error ? error.message : String(error));
    process.exit(1);
  });
});
