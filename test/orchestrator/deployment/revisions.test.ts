import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../../orchestrator/deployment.ts';
import { Revisions } from '../../../orchestrator/deployment/revisions.ts';
import { plantedDeployment } from '../planted.ts';

const YAML = `
version: 1
project: p
inputs: { instance: { km: double } }
models: { m: { features: [instance.km] } }
`;

function deployment(revision: string, closed: string[]): Deployment {
  const close = (): Promise<void> => Promise.resolve(void closed.push(revision));
  return { ...plantedDeployment(YAML, { sources: {} }), revision, close };
}

const fail = (error: unknown): never => {
  throw error;
};

describe('the running revision', () => {
  it('is pinned by a call until its answer is written, and closed when the last has let go', () => {
    const closed: string[] = [];
    const revisions = new Revisions(deployment('1', closed), fail);
    const [one, other] = [revisions.pin(), revisions.pin()];
    revisions.swap(deployment('2', closed));
    const late = revisions.pin();
    expect([one, other, late].map(({ deployment: { revision } }) => revision)).toEqual(['1', '1', '2']);
    one.release();
    expect(closed).toEqual([]);
    expect(revisions.waiting).toBe(1);
    other.release();
    late.release();
    expect(closed).toEqual(['1']);
  });

  it('is closed at once by a swap when no call holds it', () => {
    const closed: string[] = [];
    const revisions = new Revisions(deployment('1', closed), fail);
    revisions.pin().release();
    revisions.swap(deployment('2', closed));
    expect([closed, revisions.current.revision]).toEqual([['1'], '2']);
  });

  it('makes no pin a call: pins of one revision are the same', () => {
    const revisions = new Revisions(deployment('1', []), fail);
    expect(revisions.pin()).toBe(revisions.pin());
  });

  it('tells those who wait for the next swap', async () => {
    const revisions = new Revisions(deployment('1', []), fail);
    const { swapped } = revisions;
    revisions.swap(deployment('2', []));
    await expect(swapped).resolves.toBeUndefined();
  });

  it('closes all there is when the process drains, and a late one that a reload brings', async () => {
    const closed: string[] = [];
    const revisions = new Revisions(deployment('1', closed), fail);
    revisions.pin();
    revisions.swap(deployment('2', closed));
    await revisions.close();
    revisions.swap(deployment('3', closed));
    expect(closed.sort()).toEqual(['1', '2', '3']);
  });

  it('goes on where what it replaced cannot be closed, and says so', async () => {
    const told: unknown[] = [];
    const broken = { ...deployment('1', []), close: () => Promise.reject(new Error('stuck')) };
    const revisions = new Revisions(broken, (error) => told.push(error));
    revisions.swap(deployment('2', []));
    await revisions.close();
    expect(told).toEqual([new Error('stuck')]);
  });
});
