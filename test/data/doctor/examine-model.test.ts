import { join } from 'node:path';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { examineModel } from '../../../data/doctor/examine-model.ts';
import type { ModelExamination } from '../../../data/doctor/examination.ts';
import { socketFolder, startPeer } from '../../orchestrator/model/peer.ts';
import { boundsIn, checkedIn } from './bounds.ts';

const FEATURES = '{ name: x, from: instance.tail, categories: [a] }';

async function examineAll(folder: string, models: string, timeoutMs?: number): Promise<ModelExamination[]> {
  const parts: ModelExamination[] = [];
  for await (const part of examineModel('m', checkedIn(folder, models), boundsIn(folder, timeoutMs))) parts.push(part);
  return parts;
}

async function examine(folder: string, wrapper: string, timeoutMs?: number): Promise<ModelExamination> {
  const models = `models: { m: { features: [${FEATURES}], wrapper: ${wrapper} } }`;
  const [first] = await examineAll(folder, models, timeoutMs);
  return first;
}

describe('a model', () => {
  test('that is loaded tells its server, its version and its round trips; nothing is loaded for it', async () => {
    await using room = await socketFolder();
    await using peer = await startPeer({}, room.folder);
    expect(await examine(room.folder, '{ address: "unix:peer.sock" }')).toEqual({
      part: 'model',
      name: 'm',
      address: 'unix:peer.sock',
      connectMs: expect.any(Number),
      server: { name: 'peer', version: '1' },
      isLoaded: true,
      version: '3',
      replicas: 1,
      calls: 'ModelStreamInfer',
      roundTrips: { count: 100, p50Ms: expect.any(Number), p99Ms: expect.any(Number) },
      findings: [],
    });
    expect(peer.loaded).toEqual([]);
  });

  test.each([
    [{ carrier: 'frames' }, 'frames'],
    [{ carrier: 'frames without a socket' }, 'ModelStreamInfer'],
    [{ isStreaming: false }, 'ModelInfer'],
  ] as const)('of a server that offers %j gets its calls by %s', async (behaviour, calls) => {
    await using room = await socketFolder();
    await using peer = await startPeer(behaviour, room.folder);
    const examined = await examine(room.folder, '{ address: "unix:peer.sock" }');
    expect(examined).toMatchObject({ isLoaded: true, calls });
    expect(peer.carried).toEqual([]);
  });

  test('in several processes is looked at in each, and so are its functions', async () => {
    await using room = await socketFolder();
    await using peer = await startPeer({ replicas: 3 }, room.folder);
    const onDemand = 'onDemand: { near: { type: double, function: ./f.py:near, batch: true, args: { of: 1.0 } } }';
    const models = `models: { m: { features: [near], wrapper: { address: "${peer.address}" } } }`;
    const parts = await examineAll(room.folder, `${onDemand}\n${models}`);
    expect(parts.map(({ part, address, replicas, findings }) => [part, address, replicas, findings])).toEqual([
      ['model', peer.address, 3, []],
      ['model', peer.address.replace('.sock', '-1.sock'), null, [expect.objectContaining({ code: 'UNREACHABLE' })]],
      ['model', peer.address.replace('.sock', '-2.sock'), null, [expect.objectContaining({ code: 'UNREACHABLE' })]],
      [
        'functions',
        expect.stringMatching(/^unix:m\.functions-[0-9a-f]{8}\.sock$/),
        null,
        [expect.objectContaining({ code: 'UNREACHABLE', mend: expect.stringContaining('tandem wrap') as string })],
      ],
    ]);
  });

  test('that its server has not loaded is a problem', async () => {
    await using room = await socketFolder();
    await using peer = await startPeer({}, room.folder);
    peer.isModelReady = false;
    const { isLoaded, version, findings } = await examine(room.folder, '{ address: "unix:peer.sock" }');
    expect({ isLoaded, version }).toEqual({ isLoaded: false, version: null });
    expect(findings).toMatchObject([{ code: 'NOT_LOADED', severity: 'problem' }]);
  });

  test('whose wrapper is not there is told with what hosts it', async () => {
    await using room = await socketFolder();
    const { address, connectMs, findings } = await examine(room.folder, '{}');
    expect({ address, connectMs }).toEqual({ address: 'unix:m.sock', connectMs: null });
    expect(findings).toMatchObject([
      { code: 'UNREACHABLE', message: 'the wrapper cannot be reached', mend: expect.stringContaining('tandem wrap') },
    ]);
  });

  test('whose server says nothing is given up at the deadline', async () => {
    await using room = await socketFolder();
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(join(room.folder, 'm.sock'));
    await once(silent, 'listening');
    const startedMs = performance.now();
    const { findings } = await examine(room.folder, '{}', 200);
    expect(findings).toMatchObject([{ code: 'LATE', message: 'the wrapper did not answer within 200ms' }]);
    expect(performance.now() - startedMs).toBeLessThan(1500);
    silent.close();
  });
});
