import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckedConfig } from '../config/checked.ts';
import { functionsOf } from '../config/model-functions.ts';
import { AppError } from '../foundation/errors.ts';
import type { Deployment } from '../orchestrator/deployment.ts';

const MAIN = fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url));

/** A model's functions in a process of this command's own, so that it needs nothing that runs. */
export interface OwnFunctions {
  /** Absolute, where the process has its socket: for `DeploymentOptions.functionsDir`. */
  folder: string;
  /** Rejects with AppError where they do not load; why is on stderr. */
  ready(deployment: Deployment): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the functions of a model; undefined where it has none. */
export async function startFunctions(
  checked: CheckedConfig,
  model: string,
  overlays: readonly string[],
): Promise<OwnFunctions | undefined> {
  if (functionsOf(checked, model).length === 0) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'tandem-functions-'));
  const files = [checked.file, ...overlays.flatMap((overlay) => ['-f', overlay])];
  const words = ['wrap', ...files, '--model', model, '--only', 'functions', '--state-dir', folder];
  const child = fork(MAIN, words, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const gone = Promise.withResolvers<never>();
  const onGone = (): void =>
    gone.reject(new AppError('NOT_READY', `The functions of the model "${model}" do not load; why is said above.`));
  child.once('message', onGone).once('exit', onGone);
  // One that ends later, and is started again, is nobody's error.
  gone.promise.catch(() => undefined);
  return {
    folder,
    async ready({ models }) {
      const { functionsReady } = await import('../orchestrator/deployment.ts');
      await Promise.race([functionsReady(models.get(model)?.functions), gone.promise]);
    },
    async stop() {
      await ended(child);
      await rm(folder, { recursive: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await exited;
}
