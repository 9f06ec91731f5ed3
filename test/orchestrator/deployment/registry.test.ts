import { describe, expect, it } from 'vitest';
import { Leases } from '../../../orchestrator/deployment/leases.ts';
import { Registry } from '../../../orchestrator/deployment/registry.ts';

/** A thing that notes when it is closed. */
function thing(name: string, closed: string[]): { name: string; close(): void } {
  return { name, close: () => void closed.push(name) };
}

describe('the registry', () => {
  it('opens a thing once for its configuration, and closes it with its last lease', async () => {
    const registry = new Registry();
    const closed: string[] = [];
    const first = await registry.lease('store', { path: 'a' }, () => thing('a', closed));
    const second = await registry.lease('store', { path: 'a' }, () => thing('another', closed));
    expect(second.value).toBe(first.value);
    await first.release();
    await first.release();
    expect(closed).toEqual([]);
    expect(registry.counts.get('store')).toEqual({ open: 1, opened: 1 });
    await second.release();
    expect(closed).toEqual(['a']);
    expect(registry.counts.get('store')).toEqual({ open: 0, opened: 1 });
  });

  it('keeps things of other kinds and configurations apart', async () => {
    const registry = new Registry();
    const names = await Promise.all(
      [
        ['store', { path: 'a' }],
        ['store', { path: 'b' }],
        ['cache', { path: 'a' }],
      ].map(([kind, config], at) => registry.lease(kind as string, config, () => thing(String(at), []))),
    );
    expect(names.map(({ value }) => value.name)).toEqual(['0', '1', '2']);
  });

  it('shares one opening between those who ask while it is under way', async () => {
    const registry = new Registry();
    let openings = 0;
    const open = async () => {
      openings++;
      await Promise.resolve();
      return thing('a', []);
    };
    const [one, other] = await Promise.all([registry.lease('store', 1, open), registry.lease('store', 1, open)]);
    expect(openings).toBe(1);
    expect(one.value).toBe(other.value);
  });

  it('keeps nothing of what could not be opened, and opens it at the next try', async () => {
    const registry = new Registry();
    const fail = (): Promise<{ close(): void }> => Promise.reject(new Error('locked'));
    await expect(registry.lease('store', 1, fail)).rejects.toThrow('locked');
    expect(registry.counts.size).toBe(0);
    const lease = await registry.lease('store', 1, () => thing('a', []));
    expect(lease.value.name).toBe('a');
  });

  it('opens anew what is asked for after its last lease has gone', async () => {
    const registry = new Registry();
    const closed: string[] = [];
    const first = await registry.lease('store', 1, () => thing('first', closed));
    const closing = first.release();
    const second = await registry.lease('store', 1, () => thing('second', closed));
    await closing;
    expect([second.value.name, closed]).toEqual(['second', ['first']]);
  });
});

it('leases are let go together, the last taken first, after what has to be done before', async () => {
  const closed: string[] = [];
  const leases = new Leases(new Registry());
  await leases.take('store', 1, () => thing('store', closed));
  await leases.take('cache', 1, () => thing('cache', closed));
  leases.beforeRelease(() => closed.push('before'));
  await leases.release();
  await leases.release();
  expect(closed).toEqual(['before', 'cache', 'store']);
});
