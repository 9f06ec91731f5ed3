import { describe, expect, it } from 'vitest';
import { describeCache, type CacheDescription } from '../../../orchestrator/plan/cache-bytes.ts';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import { checkedOf } from '../planted.ts';
import { SERVICES_YAML } from './described.ts';

function cacheOf(view: string, yaml = SERVICES_YAML): CacheDescription | null {
  return describeCache(compilePlan(checkedOf(yaml)).views.get(view)!);
}

describe('the bytes of a cache', () => {
  it('are its rows times what a row is estimated to be', () => {
    const cache = cacheOf('sky')!;
    expect(cache.bytes).toBe(5000 * cache.rowBytes);
    expect(cache).toMatchObject({ ttlMs: 300_000, staleIfErrorMs: 7_200_000, staleWhileRevalidateMs: null });
  });

  it('are maxBytes where that is less', () => {
    const cache = cacheOf('station')!;
    expect(100 * cache.rowBytes).toBeGreaterThan(8 * 1024);
    expect(cache.bytes).toBe(8 * 1024);
  });

  it('grow with the fields of a row, a string more than a number', () => {
    const withField = (type: string): number =>
      cacheOf('station', SERVICES_YAML.replace('height: double', `height: double, more: ${type}`))!.rowBytes;
    const { rowBytes } = cacheOf('station')!;
    expect(withField('double')).toBeGreaterThan(rowBytes);
    expect(withField('string')).toBeGreaterThan(withField('double'));
  });

  it('are none where a view has no cache', () => {
    expect(cacheOf('home')).toBeNull();
  });
});
