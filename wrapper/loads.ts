import { AppError } from '../foundation/errors.ts';
import type { HostedLayout } from './layout.ts';
import type { LoadedModel } from './load-model.ts';

/** How long a load is kept for the caller that asked for it to open its stream. */
const OPENED_WITHIN_MS = 10_000;

interface Load {
  loading: Promise<LoadedModel>;
  model: LoadedModel | undefined;
  /** Streams whose calls are laid out for it. */
  streams: number;
  /** Whether its caller has opened its stream since it asked. */
  isTaken: boolean;
  askedMs: number;
}

/**
 * The loads of one model, one a layout. While a caller changes over to other features its old calls and its new ones
 * come side by side: each has a predictor of its own, which sees one layout only for as long as it lives. The last one
 * asked for is what callers get who name none; an older one goes with its last stream.
 */
export class Loads {
  readonly #open: (layout: HostedLayout) => Promise<LoadedModel>;
  readonly #clock: () => number;
  readonly #loads = new Map<string, Load>();
  #current = '';

  constructor(open: (layout: HostedLayout) => Promise<LoadedModel>, clock: () => number) {
    this.#open = open;
    this.#clock = clock;
  }

  /** The model loaded for a layout: the one that is there, or a new one. Rejects where it cannot be loaded. */
  async load(key: string, layout: HostedLayout): Promise<LoadedModel> {
    const load = this.#loads.get(key) ?? this.#start(key, layout);
    load.isTaken = false;
    try {
      load.model = await load.loading;
    } catch (error) {
      // The next one who asks may find the model's files in order.
      if (this.#loads.get(key) === load) this.#loads.delete(key);
      throw error;
    }
    load.askedMs = this.#clock();
    this.#current = key;
    this.#dropUnused();
    return load.model;
  }

  get current(): LoadedModel | undefined {
    return this.#loads.get(this.#current)?.model;
  }

  /** The model that a stream's calls are laid out for, held until `release`. Throws NOT_READY where it is not loaded. */
  hold(key: string): { model: LoadedModel; release: () => void } {
    const load = this.#loads.get(key);
    if (load?.model === undefined) throw new AppError('NOT_READY', 'The model is not loaded for these features.');
    load.streams++;
    load.isTaken = true;
    const release = (): void => {
      load.streams--;
      this.#dropUnused();
    };
    return { model: load.model, release };
  }

  /** Parts waiting or running. */
  get pending(): number {
    return this.#sum(({ model }) => model?.runner.pending ?? 0);
  }

  /** True when a predictor has promises open for longer than `ms` and takes no more. */
  isStuck(ms: number): boolean {
    return this.#sum(({ model }) => (model?.runner.isStuck(ms) ? 1 : 0)) > 0;
  }

  #start(key: string, layout: HostedLayout): Load {
    const load: Load = { loading: this.#open(layout), model: undefined, streams: 0, isTaken: false, askedMs: 0 };
    this.#loads.set(key, load);
    return load;
  }

  #dropUnused(): void {
    const nowMs = this.#clock();
    for (const [key, { model, streams, isTaken, askedMs }] of this.#loads) {
      if (key === this.#current || model === undefined || streams > 0) continue;
      if (isTaken || nowMs - askedMs > OPENED_WITHIN_MS) this.#loads.delete(key);
    }
  }

  #sum(of: (load: Load) => number): number {
    let sum = 0;
    for (const load of this.#loads.values()) sum += of(load);
    return sum;
  }
}
