import type { Redis } from 'iovalkey';
import { RedisCork } from './redis-cork.ts';
import { mget, type TakeValue } from './redis-mget.ts';
import { isRefusal } from './redis-refusals.ts';
import type { RowClient } from './redis-rows.ts';

/**
 * Keys that are sent without waiting for more: half as many as the server has to answer at once where it is busiest, from
 * the first number to the second. It is to read these while the next are gathered: if all left at once, client and server
 * would wait for each other in turn.
 */
const [FEW_KEYS, MANY_KEYS] = [4, 64];
/** How much of what it was at its busiest is forgotten with each command. */
const FORGOTTEN = 1 / 64;

/**
 * Where a server has this many keys to go on with, a command may wait for those that are asked for by whoever has got an
 * answer by the same chunk: their writes are a sixth of what the client has to do for a hundred keys. With fewer it would
 * have nothing to do meanwhile.
 */
const KEYS_TO_LIVE_ON = 512;

/** An MGET that is being gathered. */
class Gathering {
  readonly keys: string[] = [];
  readonly answered = Promise.withResolvers<void>();
  readonly #askers: { from: number; onValue: TakeValue }[] = [];
  /** Whose values come. */
  #asker = 0;

  get isShared(): boolean {
    return this.#askers.length > 1;
  }

  add(keys: readonly string[], onValue: TakeValue): void {
    this.#askers.push({ from: this.keys.length, onValue });
    for (const key of keys) this.keys.push(key);
  }

  /** Gives each who asked their own. */
  readonly onValue: TakeValue = (at, bytes, start, end) => {
    if (at === this.#askers.at(this.#asker + 1)?.from) this.#asker++;
    const { from, onValue } = this.#askers[this.#asker];
    onValue(at - from, bytes, start, end);
  };
}

/**
 * One MGET for all that is asked in one turn of the event loop: the views of a request, and those of requests that came
 * together. A command costs client and server as much as ten keys. Where no other MGET is in flight, what is asked in one
 * go leaves at its end, so that who is alone waits for nothing; else at the end of the turn, or when there is enough.
 * A server may refuse a command for one of its keys (an ACL): then each asks by itself, and fails for its own keys only.
 */
export class MergedGets implements RowClient {
  readonly #client: Redis;
  readonly #cork: RedisCork;
  #gathering: Gathering | undefined;
  /** Keys of which the server has yet to say what it has. */
  #keysAsked = 0;
  /** The most of these lately. */
  #busiest = 0;

  constructor(client: Redis) {
    this.#client = client;
    this.#cork = new RedisCork(client, { enoughBytes: 8192, afterBurst: (then) => process.nextTick(then) });
  }

  pipeline(): ReturnType<Redis['pipeline']> {
    return this.#client.pipeline();
  }

  async values(keys: readonly string[], onValue: TakeValue): Promise<void> {
    if (this.#gathering === undefined && this.#areEnough(keys.length)) return this.#read(keys, onValue);
    const gathering = this.#gathering ?? this.#begin();
    gathering.add(keys, onValue);
    if (this.#areEnough(gathering.keys.length)) this.#send(gathering);
    try {
      await gathering.answered.promise;
    } catch (cause) {
      if (!gathering.isShared || !isRefusal(cause)) throw cause;
      await mget(this.#client, keys, onValue);
    }
  }

  #areEnough(count: number): boolean {
    return count >= Math.min(Math.max(FEW_KEYS, this.#busiest / 2), MANY_KEYS);
  }

  #begin(): Gathering {
    const gathering = (this.#gathering = new Gathering());
    const send = (): void => this.#send(gathering);
    if (this.#keysAsked === 0) queueMicrotask(send);
    else setImmediate(send);
    return gathering;
  }

  #send(gathering: Gathering): void {
    if (this.#gathering !== gathering) return;
    this.#gathering = undefined;
    gathering.answered.resolve(this.#read(gathering.keys, gathering.onValue));
  }

  async #read(keys: readonly string[], onValue: TakeValue): Promise<void> {
    this.#keysAsked += keys.length;
    const forgotten = (this.#busiest - this.#keysAsked) * FORGOTTEN;
    this.#busiest = Math.max(this.#keysAsked, this.#busiest - forgotten);
    if (this.#keysAsked > KEYS_TO_LIVE_ON) this.#cork.hold();
    try {
      await mget(this.#client, keys, onValue);
    } finally {
      this.#keysAsked -= keys.length;
    }
  }
}
