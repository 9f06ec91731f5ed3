import type { CheckedConfig, Problem } from '../../config/checked.ts';
import { asAppError, type AppError } from '../../foundation/errors.ts';
import type { Deployment } from '../deployment.ts';
import type { Revisions } from './revisions.ts';
import { untilItServes } from './until-it-serves.ts';

/** What is to run from now on. */
export interface Change {
  checked: CheckedConfig;
}

/** The revision that runs now, or why the one before goes on. */
export type Applied = { revision: string; problems: undefined } | { revision: string; problems: Problem[] };

export interface ApplyOptions {
  revisions: Revisions;
  /** Opens a deployment with what it shares with others found open. */
  open(checked: CheckedConfig): Promise<Deployment>;
  /** How long the models of the new one may take to be ready, while the old one serves. */
  readyWithinMs: number;
}

/**
 * The only way to another deployment. Opens the new one beside the old, waits until it can serve and is warm, and swaps between two
 * requests; where it cannot, lets it go and says why. One after the other: two changes never see each other half done.
 */
export class Applier {
  readonly #options: ApplyOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ApplyOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  apply(change: Change): Promise<Applied> {
    const applied = this.#last.then(() => this.#apply(change));
    this.#last = applied;
    return applied;
  }

  async #apply({ checked }: Change): Promise<Applied> {
    const { revisions, readyWithinMs } = this.#options;
    const { current } = revisions;
    const refuse = (errors: AppError[]): Applied => ({
      revision: current.revision,
      problems: errors.map((error) => problemOf(error, checked)),
    });
    let next: Deployment;
    try {
      next = await this.#options.open(checked);
    } catch (thrown) {
      return refuse([asAppError(thrown)]);
    }
    const errors = await untilItServes(current, next, readyWithinMs);
    if (errors.length > 0) {
      await revisions.discard(next);
      return refuse(errors);
    }
    await next.warmUp?.start(next, current);
    revisions.swap(next);
    return { revision: next.revision, problems: undefined };
  }
}

/** As a problem of the file: what could not be opened stands somewhere in it. */
function problemOf({ code, message, details }: AppError, checked: CheckedConfig): Problem {
  const path = details[0]?.field?.split('.') ?? [];
  return { ...checked.place(path), severity: 'error', code, message };
}
