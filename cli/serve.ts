import { Command, InvalidArgumentError } from 'commander';
import { stopOnSignals } from '../foundation/lifecycle.ts';
import { createLogger } from '../foundation/telemetry/logger.ts';
import type { App } from '../orchestrator/app.ts';
import { LiveConfig } from './live-config.ts';
import { loadOrExit, withOverlays, type OverlayFlags } from './load.ts';

/** Flags that `serve` and `dev` share. */
export interface ServeFlags extends OverlayFlags {
  host?: string;
  port?: number;
  grpcPort?: number;
  adminPort?: number;
  stateDir?: string;
}

export function withServeFlags(command: Command): Command {
  return withOverlays(command)
    .option('--host <host>', 'address of the HTTP front; the admin port stays where the YAML has it')
    .option('--port <port>', 'port of the HTTP front; 0 takes a free one', portNumber)
    .option('--grpc-port <port>', 'port of the gRPC front (not there yet: printed as null)', portNumber)
    .option('--admin-port <port>', 'port of the admin front; 0 takes a free one', portNumber)
    .option('--state-dir <dir>', 'folder of stores and sockets');
}

export function serveCommand(): Command {
  return withServeFlags(new Command('serve'))
    .description(
      'Run the orchestrator. Models are served once their wrappers are up (`tandem wrap`); a changed file is reloaded.',
    )
    .argument('<file>', 'the YAML')
    .addHelpText('after', '\nExample:\n  $ tandem serve examples/flights/tandem.yaml --port 0 --admin-port 0\n')
    .action(async (file: string, flags: ServeFlags) => {
      const checked = loadOrExit(file, flags.file);
      const logger = createLogger(checked.config.telemetry.logs.level, 'serve');
      const live = new LiveConfig(checked, flags.file);
      // Loaded here, not above: `tandem check` and `--help` need no server.
      const { startApp } = await import('../orchestrator/app.ts');
      const app = await startApp({
        checked,
        logger,
        ...flags,
        load: () => live.load(),
        onReloaded: (reloaded) => live.told(reloaded),
        onDrain: () => live.close(),
      });
      stopOnSignals(() => app.drain(), logger);
      process.stdout.write(`${JSON.stringify({ event: 'listening', ...app.listening })}\n`);
      live.follow(app);
      void announceReady(app);
    });
}

/** Not waited for: a server that is drained before its model was there has nothing left to wait for, and ends well. */
async function announceReady(app: App): Promise<void> {
  await app.ready;
  process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('a port is 0 to 65535.');
  return port;
}
