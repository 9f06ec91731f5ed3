import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import fc from 'fast-check';
import { Redis } from 'iovalkey';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mget } from '../../../../orchestrator/features/store/redis-mget.ts';
import { readValuesInPlace } from '../../../../orchestrator/features/store/redis-replies.ts';
import { RedisServer } from '../../../servers/redis.ts';

/** Below, at and beyond what the lengths of values have digits, and a read of the socket has bytes. */
const SIZES = [0, 1, 9, 10, 99, 100, 5000, 65_535, 65_536, 200_000];
const KEYS = [...SIZES.map((size) => `v${size}`), 'hash', 'nobody'];

/** The values of keys, copied: where they lie is given back. */
async function valuesOf(client: Redis, keys: readonly string[]): Promise<(Buffer | null)[]> {
  const values: (Buffer | null)[] = [];
  await mget(client, keys, (at, bytes, start, end) => (values[at] = bytes && Buffer.from(bytes.subarray(start, end))));
  return values;
}

type OnChunk = (chunk: Buffer) => void;

/** Has what the server sends come to whoever reads it as `pass` hands it on. */
function between(client: Redis, pass: (chunk: Buffer, read: OnChunk) => void): void {
  client.on('connect', () => {
    const [read] = client.stream.listeners('data') as OnChunk[];
    client.stream.removeListener('data', read);
    client.stream.prependListener('data', (chunk: Buffer) => pass(chunk, read));
  });
}

describe('replies', () => {
  let server: RedisServer;
  let bare: Redis;
  let client: Redis;
  /** How a chunk is cut up: sizes of the pieces, again and again. */
  let cuts: readonly number[] = [Infinity];
  /** The pieces of the last chunk. */
  let pieces: Buffer[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
    bare = new Redis(server.url);
    for (const size of SIZES) await bare.set(`v${size}`, Buffer.alloc(size, `\r\n$-1\r\n*2\r\n${size}`));
    await bare.hset('hash', { a: '1', b: '2' });
  });
  afterAll(async () => {
    bare.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    client = new Redis(server.url, { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false });
    readValuesInPlace(client);
    between(client, (chunk, read) => {
      pieces = [];
      for (let at = 0, cut = 0; at < chunk.length; cut++) {
        const piece = chunk.subarray(at, at + cuts[cut % cuts.length]);
        at += piece.length;
        // Memory of its own, as what a socket gives has.
        pieces.push(Buffer.from(new Uint8Array(piece).buffer));
      }
      for (const piece of pieces) read(piece);
    });
    await once(client, 'ready');
  });
  afterEach(() => {
    cuts = [Infinity];
    client.disconnect();
  });

  const commands: Record<string, (by: Redis) => Promise<unknown>> = {
    status: (by) => by.ping(),
    integer: (by) => by.exists('v1', 'v9'),
    negative: (by) => by.ttl('v1'),
    bulk: (by) => by.getBuffer('v5000'),
    nothing: (by) => by.get('nobody'),
    error: (by) => by.lpush('v1', 'x').catch((cause: Error) => cause.message),
    array: (by) => by.hgetallBuffer('hash'),
    'the same as an array': (by) => by.mgetBuffer('v1', 'nobody', 'v5000'),
    'arrays in arrays': (by) => by.call('command', 'info', 'get', 'mget', 'nonsense'),
    transaction: (by) => by.multi().get('v9').lpush('v1', 'x').exec().catch(String),
    'no array at all': (by) => by.call('blpop', 'nobody-pushes', '0.001'),
  };
  const command = fc.constantFrom(...Object.keys(commands));
  const keys = fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 12 });

  test('are what they are to the bare client, wherever chunks end and whatever is asked for between', async () => {
    const asked = fc.array(fc.oneof(keys, command), { minLength: 1, maxLength: 8 });
    const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 4 });
    const few = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(asked, fc.oneof(sizes, few), async (each, pieceSizes) => {
        cuts = pieceSizes;
        const [ours, theirs] = await Promise.all([
          Promise.all(each.map((one) => (typeof one === 'string' ? commands[one](client) : valuesOf(client, one)))),
          Promise.all(each.map((one) => (typeof one === 'string' ? commands[one](bare) : bare.mgetBuffer(one)))),
        ]);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 60 },
    );
  });

  test('of a refused command are its own', async () => {
    await bare.call('acl', 'setuser', 'narrow', 'on', '>narrow', '~v*', '+@all');
    await client.auth('narrow', 'narrow');
    const [refused, given] = await Promise.allSettled([valuesOf(client, ['v1', 'hash']), valuesOf(client, ['v1'])]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('NOPERM') } });
    expect(given).toEqual({ status: 'fulfilled', value: [await bare.getBuffer('v1')] });
  });

  test('that are values only give the memory of their chunks back, others keep it', async () => {
    await valuesOf(client, ['v5000', 'nobody', 'v99']);
    expect(pieces.map(({ buffer }) => (buffer as ArrayBuffer).detached)).toEqual([true]);
    const kept = await client.getBuffer('v5000');
    expect(pieces.map(({ buffer }) => (buffer as ArrayBuffer).detached)).toEqual([false]);
    await valuesOf(client, ['v5000']);
    expect(kept).toEqual(await bare.getBuffer('v5000'));
  });

  test('go on in the next connection, whatever was under way in the one before', async () => {
    cuts = [10, Infinity];
    // The first chunk of the reply has come when the connection breaks.
    client.stream.once('data', () => client.stream.destroy());
    await expect(valuesOf(client, ['v200000'])).rejects.toThrow('max retries');
    await once(client, 'ready');
    expect(await valuesOf(client, ['v9', 'nobody'])).toEqual([await bare.getBuffer('v9'), null]);
  });
});

describe('what is no reply to MGET', () => {
  let answer = '';
  let server: Server;
  let client: Redis;
  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined); // that the other end breaks it is what is tested
      socket.on('data', () => socket.write(answer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = new Redis((server.address() as AddressInfo).port, '127.0.0.1', {
      enableReadyCheck: false,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    client.on('error', () => undefined);
    readValuesInPlace(client);
    await once(client, 'ready');
  });
  afterEach(async () => {
    client.disconnect();
    server.close();
    await once(server, 'close');
  });

  test.each([
    ['values fewer than keys', '*1\r\n$1\r\na\r\n'],
    ['values more than keys', '*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n'],
    ['no values', '*-1\r\n'],
    ['lists of values', '*2\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n'],
    ['numbers', '*2\r\n:1\r\n:2\r\n'],
    ['a value longer than the protocol has them', '*2\r\n$1073741824\r\n'],
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ])('(%s) ends the connection, and who asked is told', async (_what, sent) => {
    answer = sent;
    const ended = new Promise((resolve) => client.once('end', resolve));
    await expect(valuesOf(client, ['a', 'b'])).rejects.toThrow(/Connection is closed|no reply of RESP2/);
    await ended;
  });
});
