import * as couchbase from 'couchbase';
import { describe, expect, test } from 'vitest';
import { couchbaseKeyLimit } from '../../../../orchestrator/features/store/couchbase-key.ts';
import {
  couchbaseOptions,
  couchbaseWriteOptions,
  trusting,
  type Durability,
} from '../../../../orchestrator/features/store/couchbase-options.ts';

// What no server here has is held by what the client is told: TLS in full, durability, and the keys of other collections.
const login = { username: 'me', password: 'mine' };
const optionsOf = (url: string, tls?: { authority: string }): ReturnType<typeof couchbaseOptions> =>
  couchbaseOptions('online', { url, ...login, ...(tls ? { tls } : {}) }, 5000);

describe('what the client is told of a cluster', () => {
  test('who we are, how long it may take, and what it need not measure', () => {
    expect(optionsOf('couchbase://cache').connect).toEqual({
      username: 'me',
      password: 'mine',
      timeouts: { bootstrapTimeout: 5000 },
      tracingConfig: { enableTracing: false },
      metricsConfig: { enableMetrics: false },
      appTelemetryConfig: { enabled: false },
    });
  });

  test.each([
    ['couchbase://cache', 'couchbase://cache?kv_timeout=2000'],
    ['couchbase://cache/', 'couchbase://cache?kv_timeout=2000'],
    ['couchbases://a.example,b.example:11207', 'couchbases://a.example,b.example:11207?kv_timeout=2000'],
    ['couchbase://[::1]:11210,10.0.0.1', 'couchbase://[::1]:11210,10.0.0.1?kv_timeout=2000'],
    ['couchbase://cache?network=external', 'couchbase://cache?network=external&kv_timeout=2000'],
  ])('where %s is', (url, connectionString) => {
    expect(optionsOf(url).connectionString).toBe(connectionString);
  });

  test('whom it trusts, in place of all others', () => {
    const told = optionsOf('couchbases://cache', { authority: 'PEM' });
    expect(trusting('/some/authority.pem', told)).toEqual({
      connectionString: told.connectionString,
      connect: { ...told.connect, security: { trustStorePath: '/some/authority.pem' } },
    });
  });

  test.each([
    ['', 'begins with neither'],
    ['redis://cache', 'begins with neither'],
    ['couchbase://', 'names no host'],
    ['couchbase://cache,,other', 'names no host'],
    ['couchbase://cache:secret', 'names no host'],
    ['couchbase://cache/secret', 'has a path'],
    ['couchbase://me:secret@cache', 'holds a user or a password'],
  ])('%j is refused, and not told', (url, problem) => {
    expect(() => optionsOf(url)).toThrow(new RegExp(`^The url of the store "online" ${problem}(?!.*secret)`));
  });

  test('an authority without TLS is refused: it would be trusted by nobody', () => {
    expect(() => optionsOf('couchbase://cache', { authority: 'PEM' })).toThrow('couchbases://');
  });
});

describe('what the client is told with each row', () => {
  test.each([
    ['none', couchbase.DurabilityLevel.None],
    ['majority', couchbase.DurabilityLevel.Majority],
    ['majorityAndPersistActive', couchbase.DurabilityLevel.MajorityAndPersistOnMaster],
    ['persistToMajority', couchbase.DurabilityLevel.PersistToMajority],
  ] as [Durability, couchbase.DurabilityLevel][])('how safe it must be: %s', (durability, durabilityLevel) => {
    expect(couchbaseWriteOptions(couchbase, durability, undefined)).toEqual({ durabilityLevel, expiry: 0 });
  });

  test.each([
    [undefined, 0],
    [1, 1],
    [1000, 1],
    [1001, 2],
    [86_400_000, 86_400],
  ])('that it expires after %s ms: in %s s', (expiryMs, expiry) => {
    expect(couchbaseWriteOptions(couchbase, 'none', expiryMs).expiry).toBe(expiry);
  });
});

test.each([
  ['_default', '_default', 250],
  ['_default', 'rows', 246],
  ['features', 'rows', 246],
  ['features', '_default', 246],
])('keys in %s.%s have %i bytes at most', (scope, collection, most) => {
  const limit = couchbaseKeyLimit(scope, collection);
  expect(limit.isExceededBy('k'.repeat(most))).toBe(false);
  expect(limit.isExceededBy('k'.repeat(most + 1))).toBe(true);
});
