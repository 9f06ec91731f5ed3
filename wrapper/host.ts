import type { Logger } from '../foundation/telemetry/logger.ts';
import { AppError, asAppError } from '../foundation/errors.ts';
import { FailureLog } from './failure-log.ts';
import type { HostSpec } from './host-spec.ts';
import { compileInputs, type ReadInputs } from './inputs.ts';
import { modelVersion } from './model-version.ts';
import { openPredictor, type OutputSpec } from './open-predictor.ts';
import { PartRunner } from './part-runner.ts';

/** A model that answers. */
export interface LoadedModel {
  version: string;
  outputs: OutputSpec[];
  runner: PartRunner;
}

/** One model on its way from the spec to answers. Loads once: a failed load ends the process, and the next one tries again. */
export class Host {
  readonly spec: HostSpec;
  readonly clock: () => number;
  readonly features: readonly string[];
  readonly readInputs: ReadInputs;
  /** Settles when the load does; rejects with the AppError that says what is wrong. */
  readonly loading: Promise<LoadedModel>;
  #model: LoadedModel | undefined;
  #failure: AppError | undefined;
  #isDraining = false;

  constructor(spec: HostSpec, log: Logger, clock: () => number) {
    this.spec = spec;
    this.clock = clock;
    this.features = spec.features.map(({ name }) => name);
    this.readInputs = compileInputs(spec);
    this.loading = load(spec, log, clock).then(
      (model) => (this.#model = model),
      (thrown: unknown) => {
        this.#failure = asAppError(thrown);
        throw this.#failure;
      },
    );
  }

  /** The model, or the reason why it does not answer. */
  get model(): LoadedModel | AppError {
    return this.#model ?? this.#failure ?? new AppError('NOT_READY', `The model "${this.spec.model}" is being loaded.`);
  }

  get isReady(): boolean {
    return this.#model !== undefined && !this.#isDraining;
  }

  /** True when `predict` has promises open for longer than `ms` and takes no more. */
  isStuck(ms: number): boolean {
    return this.#model?.runner.isStuck(ms) ?? false;
  }

  /** From now on it says that it is not ready, and goes on answering: its callers drain too, and need it for that. */
  drain(): void {
    this.#isDraining = true;
  }

  /** The model where the caller means it. An empty version is any. */
  find(name: string, version: string | undefined): LoadedModel | AppError {
    if (name !== this.spec.model) return new AppError('UNKNOWN_MODEL', `There is no model "${name}" here.`);
    const { model } = this;
    if (model instanceof AppError || !version || version === model.version) return model;
    return new AppError('UNKNOWN_MODEL', `The model "${name}" has the version ${model.version}, not ${version}.`);
  }
}

async function load(spec: HostSpec, log: Logger, clock: () => number): Promise<LoadedModel> {
  const startedMs = clock();
  const slow = setInterval(() => {
    const seconds = Math.round((clock() - startedMs) / 1000);
    log.warn(
      { model: spec.model },
      `\`load\` has not finished after ${seconds} s; the model is not ready until it does`,
    );
  }, spec.hangAfterMs);
  try {
    const { predictor, modelUri } = spec;
    const opened = await openPredictor({ predictor, modelUri, featureCount: spec.features.length });
    const failures = new FailureLog(log, clock);
    return {
      version: await modelVersion({ predictor, modelUri }),
      outputs: opened.outputs,
      runner: new PartRunner({
        predict: opened.predict,
        clock,
        onFailure: (error) => failures.report(error),
      }),
    };
  } finally {
    clearInterval(slow);
  }
}
