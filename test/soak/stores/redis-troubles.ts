import type { Trouble } from '../troubles/trouble.ts';
import { FullMemory } from './full-memory.ts';
import type { SoakedRedis } from './soaked-redis.ts';

const DOWN_MS = 3000;

/** Ways in which a Redis does wrong; it stands still, and is full, for so long. */
export function redisTroubles(lastsMs: number): Trouble<SoakedRedis>[] {
  return [
    {
      name: `killed, and run again ${DOWN_MS / 1000} s later with its rows`,
      lastsMs: DOWN_MS,
      begin: ({ server }) => server.kill(),
      async mend(redis) {
        await redis.server.run();
        await redis.answers();
      },
    },
    {
      name: 'stopped (SIGSTOP)',
      lastsMs,
      begin: ({ server }) => server.pause(),
      async mend(redis) {
        redis.server.resume();
        await redis.answers();
      },
    },
    new FullMemory(lastsMs),
  ];
}
