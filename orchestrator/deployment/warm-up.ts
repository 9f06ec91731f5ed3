import { CallSignal } from '../../foundation/cancel-signal.ts';
import { asAppError } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/telemetry/logger.ts';
import type { DeployedModel, Deployment } from '../deployment.ts';
import { createPredict } from '../predict/predict.ts';
import type { WarmUpFiles } from './warm-up-files.ts';

/** How long readiness waits for the rows of `cache.warm`; they go on to be read after it. */
const KEYS_WITHIN_MS = 30_000;
/** Failures of one warm-up that the log tells, each with its line. */
const MAX_LOGGED = 5;

export interface WarmUpOptions {
  files: WarmUpFiles;
  logger: Logger;
  /** Monotonic, `performance.now()` scale, and the wall clock. */
  now: () => number;
  epochMs: () => number;
  /** Told of each request when it is over. */
  onRequest: (model: string, isAnswered: boolean) => void;
}

/**
 * The warm-up of one deployment, before callers come: requests through the real pipeline, which compile what is hot and
 * fill caches and connections, and rows by key. It is a help and no condition: what fails is told, and what takes too
 * long is cut off.
 */
export class WarmUp {
  readonly #options: WarmUpOptions;
  readonly #stop = new CallSignal();
  readonly #coldModels: Set<string>;
  #coldViews = 0;
  #over: Promise<unknown> = Promise.resolve();

  constructor(options: WarmUpOptions) {
    this.#options = options;
    this.#coldModels = new Set(options.files.requests.keys());
  }

  /** Why not everything is as warm as it gets; undefined once it is. */
  problemOf(model: string): string | undefined {
    if (this.isCold(model)) return `The model "${model}" is being warmed up.`;
    return this.#coldViews > 0 ? 'Rows of caches are being read.' : undefined;
  }

  isCold(model: string): boolean {
    return this.#coldModels.has(model);
  }

  /** Resolves once everything is as warm as it gets, models that were not loaded at the start too. */
  get over(): Promise<unknown> {
    return this.#over;
  }

  /**
   * Begins, once. Connections that `running` has warmed are warm. Resolves when all is done that can be done now: a model
   * that is not loaded is warmed up when it is.
   */
  async start(deployment: Deployment, running: Deployment | undefined): Promise<void> {
    const views = Array.from(deployment.caches, ([view, cache]) => {
      const first = cache.keepWarm(this.#options.files.keys.get(view) ?? []);
      return running?.caches.get(view) === cache ? undefined : this.#awaitKeys(first);
    });
    const loaded: Promise<void>[] = [];
    const all: Promise<void>[] = [];
    for (const name of this.#coldModels) {
      const model = deployment.models.get(name)!;
      if (isWarmIn(running, model)) {
        this.#coldModels.delete(name);
        continue;
      }
      const warming = this.#whenLoaded(model, () => this.#warmModel(deployment, name));
      if (isLoaded(model)) loaded.push(warming);
      all.push(warming);
    }
    this.#over = Promise.all([...views, ...all]);
    await Promise.all([...views, ...loaded]);
  }

  /** Ends what is under way: nobody will call this deployment. */
  stop(): void {
    this.#stop.abort();
  }

  async #awaitKeys(first: Promise<void>): Promise<void> {
    this.#coldViews++;
    await this.#within(KEYS_WITHIN_MS, () => first);
    this.#coldViews--;
  }

  /** Does not wait for a model that is loaded already. */
  async #whenLoaded(model: DeployedModel, warm: () => Promise<void>): Promise<void> {
    if (!isLoaded(model)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const leave = [model.client, model.functions?.client].map((each) =>
        each?.onReadyChange(() => isLoaded(model) && resolve()),
      );
      this.#stop.addEventListener('abort', resolve);
      await promise;
      this.#stop.removeEventListener('abort', resolve);
      for (const each of leave) each?.();
    }
    await warm();
  }

  async #warmModel(deployment: Deployment, model: string): Promise<void> {
    const { logger, now, epochMs, files } = this.#options;
    const timeoutMs = deployment.checked.config.models[model].warmup!.timeout;
    const startedMs = now();
    const counts = { answered: 0, failed: 0 };
    await this.#within(timeoutMs, async (signal) => {
      const patience = { now, past: undefined, deadlineMs: timeoutMs };
      const predict = createPredict(() => ({ deployment, release: () => {} }), patience);
      for (const { line, ...body } of files.requests.get(model)!) {
        if (signal.aborted) return;
        const problem = await problemOfCall(() =>
          predict({
            ...body,
            id: `warmup-${line}`,
            model,
            want: 'outputs',
            arrivedAt: { epochMs: epochMs(), monotonicMs: now() },
            signal,
          }),
        );
        if (signal.aborted) return;
        this.#options.onRequest(model, problem === undefined);
        counts[problem === undefined ? 'answered' : 'failed']++;
        if (problem !== undefined && counts.failed <= MAX_LOGGED)
          logger.warn({ model, line, problem }, 'a warm-up request failed');
      }
    });
    this.#coldModels.delete(model);
    if (this.#stop.aborted) return;
    const left = files.requests.get(model)!.length - counts.answered - counts.failed;
    logger.info({ model, ...counts, left, ms: Math.round(now() - startedMs) }, 'the model is warmed up');
  }

  /** Work that ends with its time or with this warm-up; then nobody waits for it. */
  async #within(ms: number, work: (signal: CallSignal) => Promise<void>): Promise<void> {
    const signal = new CallSignal();
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = (): void => {
      signal.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    this.#stop.addEventListener('abort', end);
    if (this.#stop.aborted) end();
    await Promise.race([work(signal), promise]);
    clearTimeout(timer);
    this.#stop.removeEventListener('abort', end);
  }
}

const isLoaded = ({ client, readOutputs, functions }: DeployedModel): boolean =>
  client?.ready === true && readOutputs !== undefined && functions?.client.ready !== false;

/** The same connection is the same loaded model; what callers had of it so far has warmed it too. */
function isWarmIn(running: Deployment | undefined, { plan, connection }: DeployedModel): boolean {
  const before = running?.models.get(plan.name);
  return before !== undefined && before.connection === connection && running?.warmUp?.isCold(plan.name) !== true;
}

/** Why a call was not answered by its model; undefined where it was. */
async function problemOfCall(call: () => ReturnType<ReturnType<typeof createPredict>>): Promise<string | undefined> {
  try {
    const answer = await call();
    answer.release();
    return answer.fallback === undefined ? undefined : `answered by the fallback for ${answer.fallback}`;
  } catch (thrown) {
    const { code, message } = asAppError(thrown);
    return `${code} ${message}`;
  }
}
