import type { Admission } from './admission.ts';

interface AbandonedPart {
  bytes: number;
  /** The first id that was sent after this part's cancel. */
  provedBy: number;
}

/**
 * Parts that were sent and then given up: their callers have been answered, their bytes may still lie in the server's
 * queue or ours. One is let go when its late answer comes, or when a part sent after its cancel is answered: messages
 * are read in order, so by then the server has read the cancel. Until then it counts against the bounds, which is what
 * keeps a server that has stopped from collecting calls.
 */
export class AbandonedParts {
  readonly #admission: Admission;
  /** In the order of giving up, so `provedBy` never falls. */
  readonly #parts = new Map<number, AbandonedPart>();

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  add(id: number, bytes: number, provedBy: number): void {
    this.#parts.set(id, { bytes, provedBy });
  }

  /** The server has answered part `id`. */
  answered(id: number): void {
    if (this.#parts.size === 0) return;
    this.#letGo(id);
    for (const [abandonedId, { provedBy }] of this.#parts) {
      if (provedBy > id) return;
      this.#letGo(abandonedId);
    }
  }

  letAllGo(): void {
    for (const id of this.#parts.keys()) this.#letGo(id);
  }

  #letGo(id: number): void {
    const part = this.#parts.get(id);
    if (part === undefined) return;
    this.#parts.delete(id);
    this.#admission.release(part.bytes);
  }
}
