import { describe, expect, test } from 'vitest';
import { redisAddress } from '../../../../orchestrator/features/store/redis-address.ts';

describe('the address of a server', () => {
  test.each([
    ['redis://cache', { host: 'cache', port: 6379, db: 0 }],
    ['redis://cache:7000/12', { host: 'cache', port: 7000, db: 12 }],
    ['redis://[::1]:7000', { host: '::1', port: 7000, db: 0 }],
    ['redis://me:p%40ss@cache', { host: 'cache', port: 6379, db: 0, username: 'me', password: 'p@ss' }],
    ['redis://:pass@cache/', { host: 'cache', port: 6379, db: 0, password: 'pass' }],
    ['rediss://cache', { host: 'cache', port: 6379, db: 0, tls: { servername: 'cache' } }],
    ['rediss://10.0.0.1', { host: '10.0.0.1', port: 6379, db: 0, tls: {} }],
    ['unix:/run/my%20redis.sock', { path: '/run/my redis.sock', db: 0 }],
    ['unix:///run/redis.sock', { path: '/run/redis.sock', db: 0 }],
  ])('%s', (url, address) => {
    expect(redisAddress('online', { url })).toEqual(address);
  });

  test('what is said beside the URL goes before what it says', () => {
    const login = { url: 'redis://you:theirs@cache/1', username: 'me', password: 'mine', database: 2 };
    expect(redisAddress('online', login)).toMatchObject({ username: 'me', password: 'mine', db: 2 });
  });

  test.each([
    'cache:6379/x y',
    'http://:secret@cache',
    'redis://:secret@cache/x',
    'redis:///1',
    'redis://%zz:secret@cache',
    '',
  ])('%j is refused, and not told', (url) => {
    expect(() => redisAddress('online', { url })).toThrow(/^The url of the store "online" (?!.*secret)/);
  });
});
