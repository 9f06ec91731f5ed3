import { performance } from 'node:perf_hooks';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { AppError } from '../foundation/errors.ts';
import { stopOnSignals } from '../foundation/lifecycle.ts';
import { createLogger } from '../foundation/telemetry/logger.ts';
import { loadConfig } from '../config/load.ts';
import { loadOrExit, tellProblems, type OverlayFlags, withOverlays } from './load.ts';

/** What `tandem dev` tells a wrapper that it started. */
export interface WrapOrder {
  kind: 'restart';
}

interface WrapFlags extends OverlayFlags {
  model?: string;
  stateDir?: string;
}

/** `tandem wrap`: the supervisor of one model's process. Exits 0 after a drain, 1 on problems, 2 on wrong usage. */
export function wrapCommand(): Command {
  return withOverlays(new Command('wrap'))
    .description("Host one model's predictor, and start it again whenever its process ends.")
    .argument('<file>', 'the YAML')
    .option('--model <name>', 'the model, where the file has several')
    .option('--state-dir <dir>', 'folder of the socket')
    .addHelpText('after', '\nExample:\n  $ tandem wrap examples/flights/tandem.yaml --model delay-risk\n')
    .action(async (file: string, flags: WrapFlags, command: Command) => {
      const checked = loadOrExit(file, flags.file);
      const log = createLogger(checked.config.telemetry.logs.level, 'wrap');
      // Loaded here, not above: `--help` needs none of it.
      const { hostSpec } = await import('../wrapper/host-spec.ts');
      const stateDir = flags.stateDir === undefined ? undefined : resolve(flags.stateDir);
      const { thisMachine } = await import('../wrapper/machine.ts');
      const machine = thisMachine();
      const spec = usageErrors(command, () => hostSpec(checked, flags.model, machine, stateDir));
      const { clearSocket } = await import('../wrapper/socket.ts');
      const { ReplicaSet, replicaTargets } = await import('../wrapper/replica-set.ts');
      // A live socket is an error now; later, in a restart, it is only a reason to try again.
      for (const target of replicaTargets(spec)) {
        if (target.startsWith('unix:')) await clearSocket(target.slice('unix:'.length));
      }
      const replicas = new ReplicaSet({
        spec,
        log,
        clock: () => performance.now(),
        onLoaded: ({ version, pid, address }) => {
          const event = { event: 'loaded', model: spec.model, version, address, pid };
          process.stdout.write(`${JSON.stringify(event)}\n`);
        },
      });
      stopOnSignals(() => replicas.stop(), log);
      // Whoever started it with a channel has ended without a word: nobody else would stop it.
      process.once('disconnect', () => void replicas.stop().then(() => process.exit(0)));
      process.on('message', ({ kind }: WrapOrder) => {
        if (kind !== 'restart') return;
        const { checked: now, problems } = loadConfig(file, process.env, flags.file);
        const isThere = now !== undefined && Object.hasOwn(now.config.models, spec.model);
        // A file that is broken just now keeps no predictor from being loaded: it is loaded as it was.
        if (!isThere) tellProblems(problems);
        replicas.restart(isThere ? hostSpec(now, spec.model, machine, stateDir) : spec);
      });
      replicas.start();
    });
}

/** No model chosen, or one that is not there, is wrong usage of the command. */
function usageErrors<T>(command: Command, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError && error.code === 'UNKNOWN_MODEL') command.error(error.message, { exitCode: 2 });
    throw error;
  }
}
