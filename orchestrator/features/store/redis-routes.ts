import { AppError } from '../../../foundation/errors.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RedisNodes } from './redis-nodes.ts';
import { isTrouble, redirectionOf, replyIn } from './redis-redirection.ts';
import { ShardMap, type Shard } from './redis-shard-map.ts';
import { StoreUnreachable } from './store-unreachable.ts';

/** Where to turn with keys: a server, and whether it must be told that the slot's owner sent us. */
export interface Turn {
  server: RedisConnection;
  isAsking: boolean;
}

export interface RoutesOptions {
  /** The store's name, for messages. */
  store: string;
  nodes: RedisNodes;
  readsReplicas: boolean;
  /** Told when servers are not what they were taken for. */
  onTrouble: () => void;
}

/** So often keys are sent on before they fail: servers that disagree send back and forth until they have settled it. */
const MOST_TURNS = 5;

/** Which server to ask for which key, and where to turn when it refuses. */
export class RedisRoutes {
  map = new ShardMap([], () => {
    throw new Error('no shard, no connection');
  });
  /** Why it was last not to be learned who has which keys; for the log. */
  lastFailure: unknown;
  readonly #options: RoutesOptions;
  #reads = 0;

  constructor(options: RoutesOptions) {
    this.#options = options;
  }

  /** Whom to read from: of replicas each in turn, and the master where none is connected to. */
  readerOf({ master, replicas }: Shard): RedisConnection {
    if (!this.#options.readsReplicas) return master;
    const first = this.#reads++;
    for (let at = 0; at < replicas.length; at++) {
      const replica = replicas[(first + at) % replicas.length];
      if (replica.isReady) return replica;
    }
    return master;
  }

  /**
   * Where to turn with what a server refused, after so many turns; undefined: nowhere. `shard` is that of a server that
   * may be a replica: where it fails, other than by being late, its master is asked. `isAlone`: no command asked
   * for two keys.
   */
  turnAfter(
    cause: unknown,
    { server, isAsking, shard, isAlone }: Turn & { shard?: Shard | undefined; isAlone: boolean },
    turns: number,
  ): Turn | undefined {
    this.notice(cause);
    if (turns >= MOST_TURNS) return undefined;
    const reply = replyIn(cause);
    const redirection = reply && redirectionOf(reply, server.host);
    switch (redirection?.to) {
      case 'owner': {
        const owner = this.#options.nodes.at(redirection.place);
        this.map.moved(redirection.slot, owner);
        return { server: owner, isAsking: false };
      }
      case 'importer':
        // Of keys that were asked for together some may still be here (to Redis 6 one that has gone is enough for ASK).
        if (!isAlone) return { server, isAsking };
        return { server: this.#options.nodes.at(redirection.place), isAsking: true };
      case 'each alone':
        return isAlone ? undefined : { server, isAsking };
      case undefined: {
        const isOver = cause instanceof AppError && cause.code !== 'FEATURE_UNAVAILABLE';
        const isElsewhere = shard !== undefined && shard.master !== server;
        return isElsewhere && !isOver ? { server: shard.master, isAsking: false } : undefined;
      }
    }
  }

  /** Learns from what was thrown whether it is time to look where the servers are. */
  notice(cause: unknown): void {
    if (isTrouble(cause)) this.#options.onTrouble();
  }

  /** What of a key whose server is not known is told. */
  unknown(): AppError {
    this.#options.onTrouble();
    return new StoreUnreachable(this.#options.store, this.lastFailure);
  }
}
