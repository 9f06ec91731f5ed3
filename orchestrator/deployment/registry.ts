import { createHash } from 'node:crypto';
import { identityOf } from '../../config/secret.ts';

/** Something with a life of its own: a connection, a cache, a count. */
export interface Shared {
  close(): Promise<void> | void;
}

/** One user's hold on a shared thing. `release` it once. */
export interface Lease<T> {
  readonly value: T;
  release(): Promise<void>;
}

interface Entry {
  kind: string;
  opening: Promise<Shared>;
  leases: number;
}

/** How many of a kind are open, and were ever opened. */
export interface RegistryCount {
  open: number;
  opened: number;
}

/**
 * What outlives a deployment: each thing is open once for the configuration that it is made of, for as long as one
 * deployment uses it. A swap that does not touch a thing's own configuration therefore finds it, warm, where it was.
 */
export class Registry {
  readonly #entries = new Map<string, Entry>();
  readonly #opened = new Map<string, number>();

  /**
   * The thing of this kind and configuration: the one that is open, else what `open` makes. `config` is all that the
   * thing depends on, as JSON has it. Rejects as `open` does, and keeps nothing then.
   */
  async lease<T extends Shared>(kind: string, config: unknown, open: () => T | Promise<T>): Promise<Lease<T>> {
    const key = `${kind}:${createHash('sha256').update(identityOf(config)).digest('hex')}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { kind, opening: this.#open(kind, open), leases: 0 };
      this.#entries.set(key, entry);
    }
    const held = entry;
    held.leases++;
    try {
      const value = (await held.opening) as T;
      let release: Promise<void> | undefined;
      return { value, release: () => (release ??= this.#release(key, held)) };
    } catch (error) {
      this.#forget(key, held);
      throw error;
    }
  }

  /** By kind. */
  get counts(): ReadonlyMap<string, RegistryCount> {
    const counts = new Map(Array.from(this.#opened, ([kind, opened]) => [kind, { open: 0, opened }]));
    for (const { kind } of this.#entries.values()) {
      const count = counts.get(kind);
      if (count !== undefined) count.open++;
    }
    return counts;
  }

  async #open<T extends Shared>(kind: string, open: () => T | Promise<T>): Promise<T> {
    const value = await open();
    this.#opened.set(kind, (this.#opened.get(kind) ?? 0) + 1);
    return value;
  }

  async #release(key: string, entry: Entry): Promise<void> {
    entry.leases--;
    if (entry.leases > 0) return;
    this.#forget(key, entry);
    const value = await entry.opening;
    await value.close();
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}
