import type { DeployedModel } from '../deployment.ts';
import type { ViewGatherer } from '../features/gather-view.ts';
import type { FeatureSource } from '../features/source.ts';
import type { ComputeStep } from '../plan/plan.ts';
import type { CallGatherer } from './gather-calls.ts';

/** One read or compute of a model's DAG, as one call had it. */
export interface StepTime {
  level: number;
  kind: 'read' | 'call' | 'compute';
  name: string;
  /** Distinct keys that a source was asked for; null for all but reads. */
  keys: number | null;
  /** From its beginning to its values, over all instances; null where the call did without it. */
  ms: number | null;
}

/**
 * Times each step of one model for one call (`tandem explain --analyze`). The steps themselves are changed, so a
 * deployment that serves has nothing to pay for it: follow only a model of a deployment that was opened for this.
 */
export class StepWatch {
  readonly steps: StepTime[] = [];
  readonly #now: () => number;
  /** The read whose source is being asked: a view asks before it waits, so no two overlap here. */
  #reading: StepTime | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** For `DeploymentOptions.wrapSource`: counts the keys of the read that asks. */
  readonly wrapSource = (source: FeatureSource): FeatureSource => ({
    fetch: (keys, fields, options) => {
      if (this.#reading) this.#reading.keys = keys.count;
      return source.fetch(keys, fields, options);
    },
  });

  follow({ plan, gather }: DeployedModel): void {
    const views = new Map(gather.views.map((view) => [view.view, view] as const));
    const calls = [...gather.calls];
    for (const [level, { computes, calls: called, fetches }] of plan.levels.entries()) {
      for (const step of computes) this.#timeCompute(step, this.#add(level, 'compute', step.name));
      if (called.length > 0) {
        const steps = called.map(({ name }) => this.#add(level, 'call', name));
        this.#timeCalls(calls.shift()!, steps);
      }
      for (const { view } of fetches) this.#timeRead(views.get(view.name)!, this.#add(level, 'read', view.name));
    }
  }

  #add(level: number, kind: StepTime['kind'], name: string): StepTime {
    const step: StepTime = { level, kind, name, keys: kind === 'read' ? 0 : null, ms: null };
    this.steps.push(step);
    return step;
  }

  #timeRead(view: ViewGatherer, step: StepTime): void {
    const now = this.#now;
    const gather = view.gather.bind(view);
    view.gather = (frame, options, report) => {
      const startMs = now();
      this.#reading = step;
      const pending = gather(frame, options, report);
      this.#reading = undefined;
      step.ms = now() - startMs;
      if (pending) return pending.finally(() => (step.ms = now() - startMs));
    };
  }

  /** The functions of a level are called together: each takes as long as all. */
  #timeCalls(gatherer: CallGatherer, steps: readonly StepTime[]): void {
    const now = this.#now;
    const gather = gatherer.gather.bind(gatherer);
    gatherer.gather = (frame, options, report) => {
      const startMs = now();
      return gather(frame, options, report)?.finally(() => {
        for (const step of steps) step.ms = now() - startMs;
      });
    };
  }

  /** From the first row's evaluation to the end of the last one's. */
  #timeCompute(step: ComputeStep, time: StepTime): void {
    const now = this.#now;
    const { evaluate } = step;
    let startMs: number | undefined;
    step.evaluate = (columns, row) => {
      startMs ??= now();
      const value = evaluate(columns, row);
      time.ms = now() - startMs;
      return value;
    };
  }
}
