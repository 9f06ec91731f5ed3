import { describe, expect, test } from 'vitest';
import { AppError } from '../../../../foundation/errors.ts';
import { clusterShards } from '../../../../orchestrator/features/store/redis-cluster-shards.ts';
import { isTrouble, redirectionOf } from '../../../../orchestrator/features/store/redis-redirection.ts';

describe('what a server of a cluster says of a key', () => {
  test.each([
    ['MOVED 3999 10.0.0.2:6381', { to: 'owner', slot: 3999, place: { host: '10.0.0.2', port: 6381 } }],
    ['MOVED 0 node-2.example:6379', { to: 'owner', slot: 0, place: { host: 'node-2.example', port: 6379 } }],
    ['MOVED 1 2001:db8::1:6379', { to: 'owner', slot: 1, place: { host: '2001:db8::1', port: 6379 } }],
    ['MOVED 1 :6380', { to: 'owner', slot: 1, place: { host: 'asked', port: 6380 } }],
    ['ASK 5 10.0.0.2:6381', { to: 'importer', place: { host: '10.0.0.2', port: 6381 } }],
    ['TRYAGAIN Multiple keys request during rehashing of slot', { to: 'each alone' }],
    ['MOVED 1 ?:6380', undefined],
    ['MOVED 1', undefined],
    ['CLUSTERDOWN Hash slot not served', undefined],
    ['ERR unknown command', undefined],
  ])('%s', (message, redirection) => {
    expect(redirectionOf(new Error(message), 'asked')).toEqual(redirection);
  });
});

describe('what is a sign that servers are not what they were taken for', () => {
  const said = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' });
  test.each([
    [said('CLUSTERDOWN The cluster is down'), true],
    [said("READONLY You can't write against a read only replica."), true],
    [said('OOM command not allowed'), false],
    [new AppError('FEATURE_UNAVAILABLE', 'refused', { cause: said('NOPERM no permissions') }), false],
    [new AppError('FEATURE_UNAVAILABLE', 'refused', { cause: said('LOADING Redis is loading') }), true],
    [new AppError('FEATURE_UNAVAILABLE', 'unreachable', { cause: new Error('ECONNREFUSED') }), true],
    [new AppError('DEADLINE_EXCEEDED', 'late'), true],
    [new AppError('CANCELLED', 'gone'), false],
  ])('%s', (cause, expected) => {
    expect(isTrouble(cause)).toBe(expected);
  });
});

describe('the shards that CLUSTER SLOTS tells of', () => {
  test('are masters with all their slots, and the replicas that can be reached', () => {
    const [a, b, c] = [
      ['10.0.0.1', 7000, 'id', []],
      ['10.0.0.2', 7001, 'id'],
      ['?', 7002, 'id'],
    ];
    const reply = [
      [0, 99, a, b, c],
      [100, 199, b],
      [300, 399, a, b, c],
    ];
    const place = { host: '10.0.0.2', port: 7001 };
    expect(clusterShards(reply, 'asked')).toEqual([
      {
        master: { host: '10.0.0.1', port: 7000 },
        replicas: [place],
        slots: [
          [0, 99],
          [300, 399],
        ],
      },
      { master: place, replicas: [], slots: [[100, 199]] },
    ]);
  });

  test('are where the server is that was asked, where one does not know its own address', () => {
    for (const unknown of ['', null]) {
      const shards = clusterShards([[0, 16_383, [unknown, 7000, 'id']]], 'asked');
      expect(shards).toEqual([{ master: { host: 'asked', port: 7000 }, replicas: [], slots: [[0, 16_383]] }]);
    }
  });

  test('are none while nobody has slots', () => {
    expect(() => clusterShards([], 'asked')).toThrow('no server has any slot');
    expect(() => clusterShards([[0, 16_383, ['?', 7000, 'id']]], 'asked')).toThrow('no server has any slot');
  });
});
