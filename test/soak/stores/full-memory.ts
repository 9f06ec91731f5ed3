import type { Seen, Trouble } from '../troubles/trouble.ts';
import { ingestPlanes, type Ingested } from './ingest.ts';
import type { SoakedRedis } from './soaked-redis.ts';

/** Less than what is written, more than what the buffers of clients need. */
const ROOM_BYTES = 1024 * 1024;
/** What a writer is to be told: what is the matter, so that it can be mended. */
const TOLD = /is full|OOM|maxmemory/;

/** The server may hold no more: a writer is told so again and again, until there is room again; reads go on. */
export class FullMemory implements Trouble<SoakedRedis> {
  readonly name = 'full (maxmemory, noeviction) while rows are ingested';
  readonly isHarmless = true;
  readonly lastsMs: number;
  #isFull = false;
  /** Runs that began and ended while there was no room. */
  #refused: Ingested[] = [];
  #writing: Promise<Ingested> | undefined;

  constructor(lastsMs: number) {
    this.lastsMs = lastsMs;
  }

  /** Resolves when it is full: the first run has filled it. */
  async begin(redis: SoakedRedis): Promise<void> {
    await redis.ask(async (client) => {
      const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
      await client.config('SET', 'maxmemory', used + ROOM_BYTES);
    });
    this.#isFull = true;
    this.#refused = [await ingestPlanes(redis)];
    this.#writing = this.#write(redis);
  }

  async mend(redis: SoakedRedis): Promise<void> {
    await redis.ask((client) => client.config('SET', 'maxmemory', 0));
    this.#isFull = false;
  }

  async outcome(): Promise<Seen> {
    const last = await this.#writing;
    const untold = this.#refused.find(({ told, wroteAll }) => wroteAll || !TOLD.test(told));
    const refused = `${this.#refused.length} ingests told`;
    return {
      seen: `${refused} "${(untold ?? this.#refused[0]).told}", then one "${last?.told}"`,
      holds: untold === undefined && last?.wroteAll === true,
    };
  }

  /** Ingests until a run began with room; gives that. */
  async #write(redis: SoakedRedis): Promise<Ingested> {
    for (;;) {
      const hadRoom = !this.#isFull;
      const run = await ingestPlanes(redis);
      if (hadRoom) return run;
      if (this.#isFull) this.#refused.push(run);
    }
  }
}
