import type { Logger } from '../foundation/telemetry/logger.ts';
import { AppError, asAppError } from '../foundation/errors.ts';
import { loadKey, loadParameters, readLoadParameters } from '../proto/load-parameters.ts';
import type { RepositoryModelRequest } from '../proto/messages.ts';
import type { HostSpec } from './host-spec.ts';
import { layoutOf } from './layout.ts';
import { loadModel, type LoadedModel } from './load-model.ts';
import { Loads } from './loads.ts';

/** One model on its way from the spec to answers. A first load that fails ends the process, and the next one tries again. */
export class Host {
  readonly spec: HostSpec;
  readonly clock: () => number;
  /** Settles when the load of the spec does; rejects with the AppError that says what is wrong. */
  readonly loading: Promise<LoadedModel>;
  readonly #loads: Loads;
  #failure: AppError | undefined;
  #isDraining = false;

  constructor(spec: HostSpec, log: Logger, clock: () => number) {
    this.spec = spec;
    this.clock = clock;
    this.#loads = new Loads((layout) => loadModel(spec, layout, log, clock), clock);
    this.loading = this.#loads
      .load(loadKey(loadParameters(spec)), layoutOf(spec, undefined))
      .catch((thrown: unknown) => {
        this.#failure = asAppError(thrown);
        throw this.#failure;
      });
  }

  /** The model last asked for, or the reason why it does not answer. */
  get model(): LoadedModel | AppError {
    return (
      this.#loads.current ??
      this.#failure ??
      new AppError('NOT_READY', `The model "${this.spec.model}" is being loaded.`)
    );
  }

  get isReady(): boolean {
    return this.#loads.current !== undefined && !this.#isDraining;
  }

  /** Parts waiting or running. */
  get pending(): number {
    return this.#loads.pending;
  }

  /** True when `predict` has promises open for longer than `ms` and takes no more. */
  isStuck(ms: number): boolean {
    return this.#loads.isStuck(ms);
  }

  /** From now on it says that it is not ready, and goes on answering: its callers drain too, and need it for that. */
  drain(): void {
    this.#isDraining = true;
  }

  /**
   * Has the model ready for the layout that the parameters ask for; without any, as its own file has it. Calls of an
   * earlier layout are answered beside. Rejects where it cannot be loaded so, and then what was there stays.
   */
  async load(parameters: RepositoryModelRequest['parameters']): Promise<void> {
    await this.loading;
    const asked = readLoadParameters(parameters);
    if (asked !== undefined && parameters !== undefined) {
      await this.#loads.load(loadKey(parameters), layoutOf(this.spec, asked));
    }
  }

  /** The model loaded under this key, for a stream to hold. Throws NOT_READY where there is none. */
  hold(key: string): { model: LoadedModel; release: () => void } {
    return this.#loads.hold(key);
  }

  /** The model where the caller means it: `held`, or the one last asked for. An empty version is any. */
  find(name: string, version: string | undefined, held?: LoadedModel): LoadedModel | AppError {
    if (name !== this.spec.model) return new AppError('UNKNOWN_MODEL', `There is no model "${name}" here.`);
    const model = held ?? this.model;
    if (model instanceof AppError || !version || version === model.version) return model;
    return new AppError('UNKNOWN_MODEL', `The model "${name}" has the version ${model.version}, not ${version}.`);
  }
}
