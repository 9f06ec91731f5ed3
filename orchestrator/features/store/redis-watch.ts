import { growingPauseMs, spread } from './pauses.ts';

export interface WatchOptions {
  /** Looks after the servers; true where all is as it should be. Throws nothing. */
  look: () => Promise<boolean>;
  /** So often it is looked where nothing happens: what nobody meets is found within this and a quarter. */
  calmMs: number;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  random: () => number;
}

/**
 * When to look where a store's servers are: now and then, at once at the first sign of trouble, and from then on in
 * pauses that grow to half a second, until a look in calm has found all well. However many requests fail, and however long,
 * servers are asked about their fellows twice a second: clients that asked at every failure have kept clusters from
 * recovering.
 */
export class RedisWatch {
  readonly #options: WatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isTroubled = false;
  #isClosed = false;
  /** Looks in trouble, one after the other, before the last one. */
  #troubles = 0;
  #lookedAtMs = -Infinity;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Something is not as it was last seen to be. */
  trouble(): void {
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    this.#schedule();
  }

  /** A server has come back: where others are missed, it may know of them. */
  hurry(): void {
    if (!this.#isTroubled) return;
    this.#lookedAtMs = -Infinity;
    this.#schedule();
  }

  /** Looks, and goes on looking. Resolves after this look. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    const wasTroubled = this.#isTroubled;
    this.#isTroubled = false;
    this.#isLooking = true;
    const isWell = await this.#options.look();
    this.#isLooking = false;
    this.#lookedAtMs = this.#options.now();
    this.#troubles = wasTroubled ? this.#troubles + 1 : 0;
    if (!isWell) this.#isTroubled = true;
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#isLooking || this.#isClosed) return;
    clearTimeout(this.#timer);
    const { calmMs, now, random } = this.#options;
    const pauseMs = spread(this.#isTroubled ? growingPauseMs(this.#troubles) : calmMs, random);
    const waitMs = Math.max(0, this.#lookedAtMs + pauseMs - now());
    this.#timer = setTimeout(() => void this.look(), waitMs);
  }
}
