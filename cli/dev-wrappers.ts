import { fork, type ChildProcess } from 'node:child_process';
import { extname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckedConfig } from '../config/checked.ts';
import { functionsAddress, functionsOf } from '../config/model-functions.ts';
import type { Logger } from '../foundation/telemetry/logger.ts';
import { wrapperChanges } from '../orchestrator/deployment/changes.ts';
import { functionFiles, modelFiles } from './hosted-files.ts';
import type { WrapOrder } from './wrap.ts';

const MAIN = fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url));

/** One process of a model: its predictor's, or that of its functions. */
interface ModelPart {
  model: string;
  part: 'predictor' | 'functions';
}

interface RunningWrapper extends ModelPart {
  child: ChildProcess;
}

/** Until a wrapper that was killed is started again: what it hosted has ended by then. */
const RESTART_MS = 500;

/** Of a wrapper's own settings those that mean nothing to its functions. */
const OF_THE_PREDICTOR = new Set(['predictor', 'modelUri']);

/**
 * The wrappers of `tandem dev`, each a process of its own, as in a pod: what a predictor does wrong stays there. There is
 * one for each model and address, so that a model which moves has its new place ready before the old one goes; its
 * functions are one beside it, whose address says which functions they are.
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
    for (const [key, { model, part }] of wrappersOf(checked)) {
      if (this.#running.has(key)) continue;
      this.#fork(key, { model, part });
      this.#logger.info({ model }, part === 'predictor' ? 'its wrapper starts' : 'its functions start');
    }
  }

  /** Stops the wrappers that a configuration does not name. */
  stopOthers(checked: CheckedConfig): void {
    const wanted = wrappersOf(checked);
    for (const [key, { model, part, child }] of this.#running) {
      if (wanted.has(key)) continue;
      this.#running.delete(key);
      this.#logger.info({ model }, part === 'predictor' ? 'its wrapper stops' : 'its functions stop');
      void stop(child);
    }
  }

  /** Those of these models whose own settings changed read the file again. */
  follow(before: CheckedConfig, after: CheckedConfig, models: (model: string) => boolean): void {
    for (const [model, keys] of wrapperChanges(before.config, after.config)) {
      if (!models(model)) continue;
      const settings = keys.map((key) => key.slice(`models.${model}.wrapper.`.length));
      const shared = settings.filter((key) => !OF_THE_PREDICTOR.has(key));
      this.#restart({ model, part: 'predictor' }, settings.join(', '));
      if (shared.length > 0) this.#restart({ model, part: 'functions' }, shared.join(', '));
    }
  }

  /** Those that host one of these files start again. */
  restartFor(changed: readonly string[], checked: CheckedConfig): void {
    for (const model of Object.keys(checked.config.models)) {
      const files = { predictor: modelFiles(checked, model), functions: functionFiles(checked, model) };
      for (const part of ['predictor', 'functions'] as const) {
        const path = files[part].find((file) => changed.includes(file));
        if (path !== undefined) this.#restart({ model, part }, relative(checked.folder, path));
      }
    }
  }

  async stop(): Promise<void> {
    const running = [...this.#running.values()];
    this.#running.clear();
    await Promise.all(running.map(({ child }) => stop(child)));
  }

  #fork(key: string, hosted: ModelPart): void {
    const args = ['wrap', ...this.#args, '--model', hosted.model, '--only', hosted.part];
    const child = fork(MAIN, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#running.set(key, { ...hosted, child });
    child.once('exit', (_, signal) => {
      // One that ended by itself has said why, and would again.
      if (signal !== null) this.#startAgain(key, child, signal);
    });
  }

  /** A wrapper that was killed, by a machine without memory or a person; its process of the model has ended with it. */
  #startAgain(key: string, child: ChildProcess, signal: string): void {
    const killed = this.#running.get(key);
    if (killed?.child !== child) return;
    const { model, part } = killed;
    const what = part === 'predictor' ? 'its wrapper was' : 'its functions were';
    this.#logger.warn({ model, signal }, `${what} killed by ${signal}; the next one starts in ${RESTART_MS} ms`);
    const restart = setTimeout(() => {
      if (this.#running.get(key)?.child === child) this.#fork(key, { model, part });
    }, RESTART_MS);
    restart.unref();
  }

  #restart({ model, part }: ModelPart, what: string): void {
    const order: WrapOrder = { kind: 'restart' };
    for (const { child, ...hosted } of this.#running.values()) {
      if (hosted.model !== model || hosted.part !== part || !child.connected) continue;
      const loaded = part === 'predictor' ? 'the model is' : 'its functions are';
      this.#logger.info({ model }, `${what} changed: ${loaded} loaded again`);
      child.send(order);
    }
  }
}

/** By model and address. */
function wrappersOf(checked: CheckedConfig): Map<string, ModelPart> {
  const parts = new Map<string, ModelPart>();
  for (const [model, { wrapper }] of Object.entries(checked.config.models)) {
    parts.set(`${model} ${wrapper.address ?? ''}`, { model, part: 'predictor' });
    const functions = functionsOf(checked, model);
    if (functions.length > 0) parts.set(functionsAddress(model, functions), { model, part: 'functions' });
  }
  return parts;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await exited;
}
