import { once } from 'node:events';
import { Redis } from 'iovalkey';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MergedGets } from '../../../../orchestrator/features/store/redis-merged-gets.ts';
import { readValuesInPlace } from '../../../../orchestrator/features/store/redis-replies.ts';
import { RedisServer } from '../../../servers/redis.ts';

/** More keys than are gathered while nothing is in flight. */
const MANY = Array.from({ length: 100 }, (_, at) => `many:${at}`);

describe('MGETs of one turn of the event loop', () => {
  let server: RedisServer;
  let admin: Redis;
  let client: Redis;
  let gets: MergedGets;

  beforeAll(async () => {
    server = await RedisServer.start('--user', 'reader', 'on', '>only read', '~open:*', '+@all');
    admin = new Redis(server.url);
    await admin.mset(
      Object.fromEntries(['open:a', 'open:b', 'open:c', 'shut:d', ...MANY].map((key) => [key, `= ${key}`])),
    );
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    client = new Redis(server.url);
    readValuesInPlace(client);
    gets = new MergedGets(client);
    await once(client, 'ready');
    await admin.config('RESETSTAT');
  });
  afterEach(() => client.disconnect());

  const textsOf = async (keys: string[]): Promise<(string | null)[]> => {
    const texts: (string | null)[] = [];
    await gets.values(keys, (at, bytes, start, end) => (texts[at] = bytes && bytes.toString('utf8', start, end)));
    return texts;
  };
  const commands = async (): Promise<number> =>
    Number(/cmdstat_mget:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1]);

  test('are one command, and each gets its own values in its own order', async () => {
    const asked = [['open:a'], ['open:c', 'nobody'], ['open:a']];
    const answers = await Promise.all(asked.map((keys) => textsOf(keys)));
    expect(answers).toEqual([['= open:a'], ['= open:c', null], ['= open:a']]);
    expect(await commands()).toBe(1);
  });

  test('leave in parts while others are under way, so that the server reads the one while the next gathers', async () => {
    const first = textsOf(MANY);
    const then = MANY.map((key) => textsOf([key]));
    expect(await Promise.all(then)).toEqual(MANY.map((key) => [`= ${key}`]));
    expect(await first).toHaveLength(MANY.length);
    expect(await commands()).toBe(3);
  });

  test('that the server refuses for one key fail for who asked for it alone', async () => {
    await client.auth('reader', 'only read');
    const [open, shut, other] = await Promise.allSettled([
      textsOf(['open:a', 'open:b']),
      textsOf(['shut:d']),
      textsOf(['open:c']),
    ]);
    expect(open).toEqual({ status: 'fulfilled', value: ['= open:a', '= open:b'] });
    expect(other).toEqual({ status: 'fulfilled', value: ['= open:c'] });
    expect(shut).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('NOPERM') } });
  });

  test('fail together when the connection breaks, and are not asked again', async () => {
    const asked = ['open:a', 'open:b'].map((key) => textsOf([key]));
    client.disconnect();
    const settled = await Promise.allSettled(asked);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await commands()).toBeNaN();
  });
});
