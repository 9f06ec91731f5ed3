/** Whether a model is ready, and who hears of every change of it. */
export class Readiness {
  readonly #listeners = new Set<(ready: boolean) => void>();
  #isReady = false;

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Calls `listener` at every change, until what it returns is called. */
  onChange(listener: (ready: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(isReady: boolean): void {
    if (this.#isReady === isReady) return;
    this.#isReady = isReady;
    for (const listener of this.#listeners) listener(isReady);
  }
}
