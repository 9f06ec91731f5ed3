import { AppError } from '../../foundation/errors.ts';
import type { FeatureSource } from './source.ts';

/** What a fetch of a view that an operator switched off fails with: nothing is wrong that the log should tell. */
export class ViewDisabled extends AppError {
  constructor(view: string) {
    super('FEATURE_UNAVAILABLE', `The view "${view}" is switched off.`);
  }
}

/**
 * Views that an operator has switched off for a while: each fetch fails at once, before any cache, so that the view's
 * `onError` answers. Switches belong to the process: a reload does not turn them.
 */
export class DisabledViews {
  readonly #now: () => number;
  readonly #until = new Map<string, number>();

  /** `now` is monotonic, `performance.now()` scale. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Switches a view off for so long from now, in place of what was said before; 0 switches it on. */
  disable(view: string, forMs: number): void {
    if (forMs > 0) this.#until.set(view, this.#now() + forMs);
    else this.#until.delete(view);
  }

  /** Views that are off now, with the ms that are left. */
  get remainingMs(): ReadonlyMap<string, number> {
    const now = this.#now();
    for (const [view, until] of this.#until) if (until <= now) this.#until.delete(view);
    return new Map(Array.from(this.#until, ([view, until]) => [view, until - now]));
  }

  /** The source of a view with its switch before it. */
  over(source: FeatureSource, view: string): FeatureSource {
    return {
      ...(source.keepsTime === undefined ? {} : { keepsTime: source.keepsTime }),
      fetch: (keys, fields, options) => {
        if (this.#until.size > 0 && (this.#until.get(view) ?? 0) > this.#now()) throw new ViewDisabled(view);
        return source.fetch(keys, fields, options);
      },
    };
  }
}
