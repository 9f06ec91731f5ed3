import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import { describePlan, type PlanDescription } from '../../../orchestrator/plan/describe.ts';
import { checkedOf } from '../planted.ts';
import { SERVICES_YAML, STORES_YAML } from './described.ts';

function describeYaml(yaml: string): PlanDescription {
  const checked = checkedOf(yaml);
  return describePlan(compilePlan(checked), checked);
}

describe('a described plan', () => {
  const stores = describeYaml(STORES_YAML);
  const services = describeYaml(SERVICES_YAML);

  it('is plain data: what JSON reads back is the same', () => {
    expect(JSON.parse(JSON.stringify(stores))).toEqual(stores);
    expect(JSON.parse(JSON.stringify(services))).toEqual(services);
  });

  it('has of a read all that decides what it gives', () => {
    expect(stores.models[0].levels[0].reads[0]).toEqual({
      view: 'plane',
      kind: 'store',
      origin: 'online/plane',
      service: null,
      per: 'object',
      key: { tail: 'instance.tail' },
      uses: ['instance.tail'],
      fields: { year: 'int64', seats: 'int64' },
      defaults: { seats: 150 },
      maxAgeMs: null,
      onMissing: 'default',
      onError: 'default',
      nulls: 'keep',
      cache: null,
    });
  });

  it('merges the reads of one store in one level into one round, and asks a service for each view', () => {
    const [{ levels, cost }] = services.models;
    expect(levels.map(({ rounds }) => rounds)).toEqual([
      [
        {
          kind: 'store',
          from: 'online',
          views: ['home', 'away', 'city'],
          keysPerRequest: 1,
          keysPerObject: 2,
          keysPerCall: null,
        },
        { kind: 'service', from: 'weather', views: ['sky'], keysPerRequest: 0, keysPerObject: 1, keysPerCall: 50 },
      ],
      [
        {
          kind: 'service',
          from: 'weather',
          views: ['station'],
          keysPerRequest: 0,
          keysPerObject: 1,
          keysPerCall: 1,
        },
      ],
    ]);
    expect(cost).toEqual({ keysPerRequest: 1, keysPerObject: 4, rounds: 3 });
  });

  it('tells of a service its limits and nothing that it is called with', () => {
    expect(services.models[0].levels[0].reads.find(({ view }) => view === 'sky')?.service).toEqual({
      timeoutMs: 40,
      retries: 1,
      maxConcurrency: 8,
    });
    expect(JSON.stringify(services)).not.toMatch(/clear-text|127\.0\.0\.1/);
  });

  it('counts a cache once, however many models read through it', () => {
    const { caches, models } = services;
    expect(models.map(({ model }) => model)).toEqual(['risk', 'calm']);
    expect(caches.views.map(({ view }) => view)).toEqual(['sky', 'station']);
    expect(caches.bytes).toBe(caches.views.reduce((sum, { bytes }) => sum + bytes, 0));
  });
});
