import type { Redis } from 'iovalkey';

export interface CorkOptions {
  /** Bytes that are written without waiting for more: the server is to work on these while the next are gathered. */
  enoughBytes: number;
  /** When a burst is over. */
  afterBurst: (then: () => void) => void;
}

/** Has what is written in one burst leave in one go: a write to a socket takes the client as long as some fifty keys do. */
export class RedisCork {
  readonly #client: Redis;
  readonly #options: CorkOptions;
  #isHolding = false;

  constructor(client: Redis, options: CorkOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** What is written next waits for the end of the burst, or until it is enough. */
  hold(): void {
    const { stream } = this.#client;
    if (this.#isHolding) {
      if (stream.writableLength < this.#options.enoughBytes) return;
      stream.uncork();
      stream.cork();
      return;
    }
    this.#isHolding = true;
    stream.cork();
    this.#options.afterBurst(() => {
      this.#isHolding = false;
      stream.uncork();
    });
  }
}
