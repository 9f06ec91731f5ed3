import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import { findWorstCase, type WorstCase } from '../../../orchestrator/plan/worst-case.ts';
import { checkedOf } from '../planted.ts';
import { SERVICES_YAML } from './described.ts';

function worstCase(yaml: string, model: string): WorstCase {
  const checked = checkedOf(yaml);
  return findWorstCase(compilePlan(checked).models.get(model)!, checked.config.services);
}

describe('the worst case of a model', () => {
  it('adds the slowest read of each level, a service’s being its timeout times its tries', () => {
    expect(worstCase(SERVICES_YAML, 'calm')).toEqual({
      totalMs: 250,
      features: { ms: 160, boundBy: 'timeouts' },
      modelMs: 90,
      cutByDeadline: false,
      levels: [
        { ms: 80, view: 'sky' },
        { ms: 80, view: 'station' },
      ],
    });
  });

  it('leaves reads without a timeout of their own to the budget', () => {
    const { totalMs, features, levels } = worstCase(SERVICES_YAML, 'risk');
    expect({ totalMs, features }).toEqual({ totalMs: 400, features: { ms: 300, boundBy: 'budget' } });
    expect(levels[0]).toEqual({ ms: null, view: 'home' });
  });

  it('is ended by the budget where timeouts add up to more', () => {
    const yaml = SERVICES_YAML.replace('retries: 1', 'retries: 3');
    expect(worstCase(yaml, 'calm').features).toEqual({ ms: 200, boundBy: 'budget' });
  });

  it('waits for nothing where nothing is read', () => {
    const yaml = `
version: 1
project: nyc
inputs: { instance: { distance: double } }
models: { m: { deadline: 90ms, features: [instance.distance] } }
`;
    expect(worstCase(yaml, 'm')).toMatchObject({ totalMs: 30, features: { ms: 0, boundBy: 'timeouts' }, modelMs: 30 });
  });
});
