import type { Deployment, Pin } from '../deployment.ts';

/** One deployment and how many calls hold it. Its pin is made once: pinning costs a call a counter and no memory. */
interface Revision {
  deployment: Deployment;
  pins: number;
  pin: Pin;
}

/**
 * The one cell that says which deployment runs. A call holds the one it began with until its answer is written, so a swap
 * falls between two requests; what was replaced is closed when its last call has let go.
 */
export class Revisions {
  readonly #onCloseFailed: (error: unknown) => void;
  readonly #old = new Set<Revision>();
  readonly #closing = new Set<Promise<void>>();
  #current: Revision;
  #isClosed = false;
  #swapped = Promise.withResolvers<void>();

  /** `onCloseFailed` is for the log: nobody waits for a deployment that was replaced. */
  constructor(first: Deployment, onCloseFailed: (error: unknown) => void) {
    this.#onCloseFailed = onCloseFailed;
    this.#current = this.#hold(first);
  }

  get current(): Deployment {
    return this.#current.deployment;
  }

  /** Deployments that were replaced and are not closed yet. */
  get waiting(): number {
    return this.#old.size + this.#closing.size;
  }

  /** Resolves at the next swap. */
  get swapped(): Promise<void> {
    return this.#swapped.promise;
  }

  /** The deployment that runs, for the caller until it releases it, once. */
  readonly pin = (): Pin => {
    const revision = this.#current;
    revision.pins++;
    return revision.pin;
  };

  /** From the next call on `next` runs. */
  swap(next: Deployment): void {
    // A drain does not wait for a reload that waits for a model.
    if (this.#isClosed) {
      void this.discard(next);
      return;
    }
    const before = this.#current;
    this.#current = this.#hold(next);
    this.#old.add(before);
    this.#closeUnused(before);
    this.#swapped.resolve();
    this.#swapped = Promise.withResolvers<void>();
  }

  /** Closes one that is not to run after all. Never rejects. */
  discard(deployment: Deployment): Promise<void> {
    return this.#close(this.#hold(deployment));
  }

  /** Closes whatever is open, calls in flight or not. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const revision of this.#old) void this.#close(revision);
    void this.#close(this.#current);
    await Promise.all(this.#closing);
  }

  #hold(deployment: Deployment): Revision {
    const revision: Revision = {
      deployment,
      pins: 0,
      pin: {
        deployment,
        release: () => {
          revision.pins--;
          if (revision !== this.#current) this.#closeUnused(revision);
        },
      },
    };
    return revision;
  }

  #closeUnused(revision: Revision): void {
    if (revision.pins === 0 && this.#old.has(revision)) void this.#close(revision);
  }

  #close(revision: Revision): Promise<void> {
    this.#old.delete(revision);
    const closing = revision.deployment
      .close()
      .catch(this.#onCloseFailed)
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    return closing;
  }
}
