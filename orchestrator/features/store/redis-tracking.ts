import type { Redis } from 'iovalkey';
import { isRefusal } from './redis-refusals.ts';

/** Who is told of the keys that were read on a connection and have changed. */
export interface TrackingListener {
  /** Whole keys; undefined: all of them (the database was flushed). */
  onChanged(keys: readonly string[] | undefined): void;
  /** Nobody tells for a while, or has not told: any key may have changed. */
  onLost(): void;
  /** The server does not track keys in this way; rows live for as long as their `ttl` says. */
  onRefused(cause: Error): void;
}

/** Where Redis sends them, in the protocol's second version, which has no messages beside answers. */
const CHANNEL = '__redis__:invalidate';
/** A connection on which nothing comes looks like one that is cut off: it is asked as often as this. */
const PING_MS = 1000;

/**
 * Has a server tell of each key that was read on the connection when it changes: `CLIENT TRACKING ON REDIRECT`, with a
 * second connection that hears. The server remembers the keys of the first (its `tracking-table-max-keys`, a million by
 * default, beyond which it tells of some as if they had changed). A row written elsewhere was seen here 0.5 to 2 ms later.
 *
 * What was read before tracking began, or while either connection was away, is not tracked: it is told as lost each time.
 */
export class RedisTracking {
  readonly #data: Redis;
  readonly #hearing: Redis;
  readonly #listener: TrackingListener;
  #pings: NodeJS.Timeout | undefined;
  /** The number of the connection that hears, while it does. */
  #hearingId: number | undefined;
  #isEnded = false;

  constructor(data: Redis, listener: TrackingListener) {
    this.#data = data;
    this.#listener = listener;
    this.#hearing = data.duplicate({ lazyConnect: true, autoResubscribe: false, readOnly: false });
    // Why it cannot connect is why the other one cannot either, and told of that.
    this.#hearing.on('error', () => undefined);
    this.#hearing.on('ready', () => void this.#hear());
    this.#hearing.on('close', () => this.#stopHearing());
    this.#hearing.on('messageBuffer', (_channel: Buffer, keys: unknown) => this.#onMessage(keys));
    data.on('ready', () => void this.#track());
    data.on('close', () => this.#lose());
    this.#hearing.connect().catch(() => undefined); // it goes on trying by itself
  }

  /** What was read is told of no longer: one server of many may go while the store stays. */
  close(): void {
    this.#end();
    this.#listener.onLost();
  }

  #end(): void {
    this.#isEnded = true;
    clearInterval(this.#pings);
    this.#hearing.disconnect();
  }

  async #hear(): Promise<void> {
    try {
      const id = await this.#hearing.client('ID');
      await this.#hearing.subscribe(CHANNEL);
      await this.#hearing.ping();
      this.#hearingId = id;
    } catch (cause) {
      return this.#refuse(cause);
    }
    clearInterval(this.#pings);
    // One that is not answered ends the connection, as any command's silence does.
    this.#pings = setInterval(() => void this.#hearing.ping().catch(() => undefined), PING_MS).unref();
    await this.#track();
  }

  async #track(): Promise<void> {
    const id = this.#hearingId;
    if (id === undefined || this.#data.status !== 'ready' || this.#isEnded) return;
    try {
      await this.#data.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id));
      this.#listener.onLost();
    } catch (cause) {
      this.#refuse(cause);
    }
  }

  /** A reply says that the server will not; anything else that it went away, and comes back. */
  #refuse(cause: unknown): void {
    if (!isRefusal(cause) || this.#isEnded) return;
    this.#end();
    this.#listener.onRefused(cause);
  }

  #stopHearing(): void {
    clearInterval(this.#pings);
    if (this.#hearingId === undefined) return;
    this.#hearingId = undefined;
    this.#lose();
  }

  #lose(): void {
    if (!this.#isEnded) this.#listener.onLost();
  }

  /** A list of keys, or nothing for a flush; what the client calls a text is here neither. */
  #onMessage(keys: unknown): void {
    this.#listener.onChanged(Array.isArray(keys) ? (keys as Buffer[]).map(String) : undefined);
  }
}
