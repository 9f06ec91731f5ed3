import { SLOTS, slotOf } from './redis-cluster-slot.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RedisPlace } from './redis-group.ts';

/** Servers that have the same keys: one takes writes. */
export interface Shard {
  master: RedisConnection;
  /** Those that are read; none where only masters are. */
  replicas: readonly RedisConnection[];
}

/** A shard as servers tell of it. */
export interface ShardPlaces {
  master: RedisPlace;
  replicas: readonly RedisPlace[];
  /** The slots it has; undefined: there are none, and it has all keys. */
  slots?: readonly (readonly [first: number, last: number])[];
}

/** Which shard has which keys, as far as is known. */
export class ShardMap {
  readonly shards: Shard[] = [];
  readonly #isSlotted: boolean;
  readonly #bySlot: (Shard | undefined)[];

  /** `connect` gives the connections of a shard's servers. */
  constructor(places: readonly ShardPlaces[], connect: (places: ShardPlaces) => Shard) {
    this.#isSlotted = places.every(({ slots }) => slots !== undefined);
    this.#bySlot = Array.from({ length: this.#isSlotted ? SLOTS : 1 });
    for (const each of places) {
      const shard = connect(each);
      this.shards.push(shard);
      for (const [first, last] of each.slots ?? [[0, 0]]) this.#bySlot.fill(shard, first, last + 1);
    }
  }

  /** Whether of each key it is known who has it. */
  get isWhole(): boolean {
    return !this.#bySlot.includes(undefined);
  }

  /** Keys of one slot may be asked for together. Without slots, all may. */
  slotOf(key: string): number {
    return this.#isSlotted ? slotOf(key) : 0;
  }

  at(slot: number): Shard | undefined {
    return this.#bySlot[slot];
  }

  /** A slot has gone to another master. */
  moved(slot: number, master: RedisConnection): void {
    let shard = this.shards.find((each) => each.master === master);
    if (shard === undefined) this.shards.push((shard = { master, replicas: [] }));
    this.#bySlot[slot] = shard;
  }
}
