import type { Lease, Registry, Shared } from './registry.ts';

/** All that one deployment holds of a registry, let go together. */
export class Leases {
  readonly #registry: Registry;
  readonly #held: Lease<Shared>[] = [];
  readonly #before: (() => void)[] = [];

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  async take<T extends Shared>(kind: string, config: unknown, open: () => T | Promise<T>): Promise<T> {
    const lease = await this.#registry.lease(kind, config, open);
    this.#held.push(lease);
    return lease.value;
  }

  /** To be done while everything is still held. */
  beforeRelease(leave: () => void): void {
    this.#before.push(leave);
  }

  /** The last taken goes first: what was opened on top of another closes before it. */
  async release(): Promise<void> {
    for (const leave of this.#before.splice(0)) leave();
    for (const lease of this.#held.splice(0).toReversed()) await lease.release();
  }
}
