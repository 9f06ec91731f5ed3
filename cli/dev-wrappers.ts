import { fork, type ChildProcess } from 'node:child_process';
import { extname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckedConfig } from '../config/checked.ts';
import type { Logger } from '../foundation/telemetry/logger.ts';
import { wrapperChanges } from '../orchestrator/deployment/changes.ts';
import { modelFiles } from './hosted-files.ts';
import type { WrapOrder } from './wrap.ts';

const MAIN = fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url));

interface RunningWrapper {
  model: string;
  child: ChildProcess;
}

/**
 * The wrappers of `tandem dev`, each a process of its own, as in a pod: what a predictor does wrong stays there. There is
 * one for each model and address, so that a model which moves has its new place ready before the old one goes.
 */
export class DevWrappers {
  readonly #args: readonly string[];
  readonly #logger: Logger;
  readonly #running = new Map<string, RunningWrapper>();

  /** `args` are those of `tandem wrap`, but for the model. */
  constructor(args: readonly string[], logger: Logger) {
    this.#args = args;
    this.#logger = logger;
  }

  /** Starts the wrappers of a configuration that are not there yet. */
  start(checked: CheckedConfig): void {
    for (const [key, model] of wrappersOf(checked)) {
      if (this.#running.has(key)) continue;
      const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
      const child = fork(MAIN, ['wrap', ...this.#args, '--model', model], { stdio: [...stdio] });
      this.#running.set(key, { model, child });
      this.#logger.info({ model }, 'its wrapper starts');
    }
  }

  /** Stops the wrappers that a configuration does not name. */
  stopOthers(checked: CheckedConfig): void {
    const wanted = wrappersOf(checked);
    for (const [key, { model, child }] of this.#running) {
      if (wanted.has(key)) continue;
      this.#running.delete(key);
      this.#logger.info({ model }, 'its wrapper stops');
      void stop(child);
    }
  }

  /** Those of these models whose own settings changed read the file again. */
  follow(before: CheckedConfig, after: CheckedConfig, models: (model: string) => boolean): void {
    for (const [model, keys] of wrapperChanges(before.config, after.config)) {
      if (!models(model)) continue;
      this.#restart(model, keys.map((key) => key.slice(`models.${model}.wrapper.`.length)).join(', '));
    }
  }

  /** Those that host one of these files start again. */
  restartFor(changed: readonly string[], checked: CheckedConfig): void {
    for (const model of Object.keys(checked.config.models)) {
      const path = modelFiles(checked, model).find((file) => changed.includes(file));
      if (path !== undefined) this.#restart(model, relative(checked.folder, path));
    }
  }

  async stop(): Promise<void> {
    await Promise.all(Array.from(this.#running.values(), ({ child }) => stop(child)));
  }

  #restart(model: string, what: string): void {
    const order: WrapOrder = { kind: 'restart' };
    for (const { model: hosted, child } of this.#running.values()) {
      if (hosted !== model || !child.connected) continue;
      this.#logger.info({ model }, `${what} changed: the model is loaded again`);
      child.send(order);
    }
  }
}

/** By model and address. */
function wrappersOf({ config }: CheckedConfig): Map<string, string> {
  const models = Object.entries(config.models);
  return new Map(models.map(([model, { wrapper }]) => [`${model} ${wrapper.address ?? ''}`, model]));
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await exited;
}
