import { describe, expect, it } from 'vitest';
import { compute } from '../../../orchestrator/on-demand/compute.ts';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import { newFrame, STATE_COMPUTED, STATE_COMPUTED_NULL, type Frame } from '../../../orchestrator/plan/frame.ts';
import { checkedOf } from '../planted.ts';

const YAML = `
version: 1
project: p
inputs:
  request: { factor: "double?" }
  instance: { km: "double?", name: "string?" }
onDemand:
  doubled: { type: double, cel: "instance.km * 2.0" }
  ratio:   { type: double, cel: "instance.km / request.factor" }
  far:     { type: bool, cel: "instance.km > 100.0" }
  greeted: { type: string, cel: "'hi ' + instance.name" }
  factors: { type: double, cel: "request.factor + 1.0" }
  again:   { type: double, cel: "doubled + factors" }
models:
  m: { features: [doubled, ratio, far, again, { name: g, from: greeted, categories: [a] }] }
`;

/** A frame with these inputs in which every on-demand feature has been computed. */
function computed(
  km: number[],
  name: (string | null)[],
  factor: number,
): { of(name: string): { values: unknown[]; states: number[] } } {
  const plan = compilePlan(checkedOf(YAML));
  const frame: Frame = newFrame(plan.slotCount, km.length, false);
  const inputs = {
    'instance.km': Float64Array.from(km),
    'instance.name': name,
    'request.factor': Float64Array.of(factor),
  };
  for (const input of [...plan.requestInputs, ...plan.instanceInputs]) {
    frame.values[input.slot] = inputs[input.name as keyof typeof inputs];
  }
  const steps = plan.models.get('m')!.levels.flatMap(({ computes }) => computes);
  for (const step of steps) compute(step, frame);
  return {
    of(wanted) {
      const { slot } = steps.find((step) => step.name === wanted)!;
      return { values: Array.from<unknown>(frame.values[slot]), states: Array.from(frame.states[slot]) };
    },
  };
}

describe('an on-demand feature', () => {
  it('is computed for each instance, and read by those that follow', () => {
    const frame = computed([1, 200], ['a', 'b'], 10);
    expect(frame.of('doubled')).toEqual({ values: [2, 400], states: [STATE_COMPUTED, STATE_COMPUTED] });
    expect(frame.of('far').values).toEqual([0, 1]);
    expect(frame.of('greeted').values).toEqual(['hi a', 'hi b']);
    expect(frame.of('again').values).toEqual([13, 411]);
  });

  it('is computed once where it reads no instance', () => {
    expect(computed([1, 2, 3], ['a', 'b', 'c'], 10).of('factors').values).toEqual([11]);
  });

  it('is null, and says so, where what it reads is null or the result is not finite', () => {
    const frame = computed([NaN, 5], [null, 'b'], 0);
    expect(frame.of('doubled')).toEqual({ values: [NaN, 10], states: [STATE_COMPUTED_NULL, STATE_COMPUTED] });
    expect(frame.of('ratio')).toEqual({ values: [NaN, NaN], states: [STATE_COMPUTED_NULL, STATE_COMPUTED_NULL] });
    expect(frame.of('greeted')).toEqual({ values: [null, 'hi b'], states: [STATE_COMPUTED_NULL, STATE_COMPUTED] });
    expect(frame.of('again').states).toEqual([STATE_COMPUTED_NULL, STATE_COMPUTED]);
  });
});
