import { performance } from 'node:perf_hooks';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { AppError } from '../foundation/errors.ts';
import { socketsOf } from '../foundation/socket-path.ts';
import type { Part } from '../wrapper/functions-spec.ts';
import { stopOnSignals } from '../foundation/lifecycle.ts';
import { createLogger } from '../foundation/telemetry/logger.ts';
import { loadConfig } from '../config/load.ts';
import { loadOrExit, tellProblems, type OverlayFlags, withOverlays } from './load.ts';

/** What `tandem dev` tells a wrapper that it started. */
export interface WrapOrder {
  kind: 'restart';
}

/** What a wrapper tells who started it with a channel: a process that it hosts has ended, and is started again. */
interface WrapReport {
  kind: 'ended';
}

interface WrapFlags extends OverlayFlags {
  model?: string;
  only?: Part;
  stateDir?: string;
}

/** `tandem wrap`: the supervisor of one model's processes, its predictor's and that of its functions. Exits 0 after a drain, 1 on problems, 2 on wrong usage. */
export function wrapCommand(): Command {
  return withOverlays(new Command('wrap'))
    .description(
      "Host one model's predictor, and beside it the functions of its features; start them again whenever they end.",
    )
    .argument('<file>', 'the YAML')
    .option('--model <name>', 'the model, where the file has several')
    .addOption(new Option('--only <part>', 'one of the two').choices(['predictor', 'functions']))
    .option('--state-dir <dir>', 'folder of the sockets')
    .addHelpText('after', '\nExample:\n  $ tandem wrap examples/flights/tandem.yaml --model delay-risk\n')
    .action(async (file: string, flags: WrapFlags, command: Command) => {
      const checked = loadOrExit(file, flags.file);
      const log = createLogger(checked.config.telemetry.logs.level, 'wrap');
      // Loaded here, not above: `--help` needs none of it.
      const { chosenModel } = await import('../wrapper/host-spec.ts');
      const { hostSpecs } = await import('../wrapper/functions-spec.ts');
      const model = usageErrors(command, () => chosenModel(checked, flags.model));
      const { only } = flags;
      const stateDir = flags.stateDir === undefined ? undefined : resolve(flags.stateDir);
      const { thisMachine } = await import('../wrapper/machine.ts');
      const machine = thisMachine();
      const specs = hostSpecs(checked, model, machine, { stateDir, only });
      const { clearSocket } = await import('../wrapper/socket.ts');
      const { ReplicaSet, replicaTargets } = await import('../wrapper/replica-set.ts');
      // A live socket is an error now; later, in a restart, it is only a reason to try again.
      for (const socket of specs.flatMap(replicaTargets).flatMap(socketsOf)) await clearSocket(socket);
      const hosted = specs.map((spec) => {
        const onLoaded = ({ version, pid, address }: { version: string; pid: number; address: string }): void => {
          const event = { event: 'loaded', model: spec.model, version, address, pid };
          process.stdout.write(`${JSON.stringify(event)}\n`);
        };
        return { spec, replicas: new ReplicaSet({ spec, log, clock: () => performance.now(), onLoaded, onEnded }) };
      });
      const stop = async (): Promise<void> => {
        await Promise.all(hosted.map(({ replicas }) => replicas.stop()));
      };
      stopOnSignals(stop, log);
      // However this process ends, but by SIGKILL: a predictor that hangs would not notice, and nobody else would end it.
      process.once('exit', () => {
        for (const { replicas } of hosted) replicas.kill();
      });
      // Whoever started it with a channel has ended without a word: nobody else would stop it.
      process.once('disconnect', () => void stop().then(() => process.exit(0)));
      process.on('message', ({ kind }: WrapOrder) => {
        if (kind !== 'restart') return;
        const { checked: now, problems } = loadConfig(file, process.env, flags.file);
        const isThere = now !== undefined && Object.hasOwn(now.config.models, model);
        // A file that is broken just now keeps no predictor from being loaded: it is loaded as it was.
        if (!isThere) tellProblems(problems);
        const fresh = isThere ? hostSpecs(now, model, machine, { stateDir, only }) : [];
        for (const { spec, replicas } of hosted) {
          replicas.restart(fresh.find(({ target }) => target === spec.target) ?? spec);
        }
      });
      for (const { replicas } of hosted) replicas.start();
    });
}

function onEnded(): void {
  process.send?.({ kind: 'ended' } satisfies WrapReport);
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
