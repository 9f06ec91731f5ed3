import type { Redis } from 'iovalkey';
import { mget } from './redis-mget.ts';
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

type Values = (Buffer | null)[];

/** An MGET that is being gathered. */
class Gathering {
  readonly keys: string[] = [];
  /** How many callers have keys among these. */
  callers = 0;
  readonly replies = Promise.withResolvers<Values>();
}

/**
 * One MGET for all that is asked in one turn of the event loop: the views of a request, and those of requests that came
 * together. A command costs client and server as much as ten keys. Where no other MGET is in flight, what is asked in one
 * go leaves at its end, so that who is alone waits for nothing; else at the end of the turn, or when there is enough.
 * A server may refuse a command for one of its keys (an ACL): then each asks by itself, and fails for its own keys only.
 */
export class MergedGets implements RowClient {
  readonly #client: Redis;
  #gathering: Gathering | undefined;
  /** Keys of which the server has yet to say what it has. */
  #keysAsked = 0;
  /** The most of these lately. */
  #busiest = 0;

  constructor(client: Redis) {
    this.#client = client;
  }

  pipeline(): ReturnType<Redis['pipeline']> {
    return this.#client.pipeline();
  }

  async mgetBuffer(keys: string[]): Promise<Values> {
    if (this.#gathering === undefined && this.#areEnough(keys.length)) return this.#read(keys);
    const gathering = this.#gathering ?? this.#begin();
    const from = gathering.keys.length;
    for (const key of keys) gathering.keys.push(key);
    gathering.callers++;
    if (this.#areEnough(gathering.keys.length)) this.#send(gathering);
    try {
      const values = await gathering.replies.promise;
      return gathering.callers === 1 ? values : values.slice(from, from + keys.length);
    } catch (cause) {
      if (gathering.callers === 1 || !isRefusal(cause)) throw cause;
      return mget(this.#client, keys);
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
    gathering.replies.resolve(this.#read(gathering.keys));
  }

  async #read(keys: string[]): Promise<Values> {
    this.#keysAsked += keys.length;
    const forgotten = (this.#busiest - this.#keysAsked) * FORGOTTEN;
    this.#busiest = Math.max(this.#keysAsked, this.#busiest - forgotten);
    try {
      return await mget(this.#client, keys);
    } finally {
      this.#keysAsked -= keys.length;
    }
  }
}
