import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import { describePlan, printPlan } from '../../../orchestrator/plan/describe.ts';
import { checkedOf } from '../planted.ts';

const YAML = `
version: 1
project: nyc
asOf: request.time
inputs:
  request: { time: timestamp }
  instance: { id: string, tail: "string?", carrier: string }
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { year: int64, seats: int64 }, defaults: { seats: 150 } }
  pulse:
    store: online
    table: hours
    key: { hour: "truncate(request.time, '1h')" }
    fields: { mean: double }
    maxAge: 2h
    required: true
onDemand:
  age: { type: double, cel: "double(2013 - plane.year)" }
models:
  risk:
    deadline: 150ms
    budget: { features: 100ms, model: 45ms }
    id: instance.id
    features: [age, plane.seats, pulse.mean, { name: carrier, from: instance.carrier, categories: [AA, UA] }]
    fallback: { cel: "0.2", on: [OVERLOADED, WRAPPER_UNAVAILABLE] }
  bare: { features: [pulse.mean] }
`;

describe('a described plan', () => {
  const checked = checkedOf(YAML);
  const description = describePlan(compilePlan(checked), checked);

  it('is printed level by level, with what is read where, by which key and policy', () => {
    expect(printPlan(description)).toBe(`project nyc, as of request.time

model risk: deadline 150ms (features 100ms, model 45ms)
  level 0
    read plane from online/plane  (per object)
      by tail: instance.tail
      year int64, seats int64 else 150
      missing: default, error: default, nulls: keep
    read pulse from online/hours  (per request)
      by hour: truncate(request.time, '1h')
      mean double
      missing: fail, error: fail, nulls: keep, maxAge: 2h
  level 1
    compute age = double(2013 - plane.year)  (double, per object)
  features (4)
      0 age  (double, per object)
      1 plane.seats  (int64, per object)
      2 pulse.mean  (double, per request)
      3 carrier from instance.carrier  (category of 2, per object)
  fallback on OVERLOADED, WRAPPER_UNAVAILABLE

model bare: deadline 1s (features 667ms, model 333ms)
  level 0
    read pulse from online/hours  (per request)
      by hour: truncate(request.time, '1h')
      mean double
      missing: fail, error: fail, nulls: keep, maxAge: 2h
  features (1)
      0 pulse.mean  (double, per request)
`);
  });

  it('is plain data: what JSON reads back is the same', () => {
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    expect(description.models[0].levels[0].reads[0]).toEqual({
      view: 'plane',
      origin: 'online/plane',
      per: 'object',
      key: { tail: 'instance.tail' },
      fields: { year: 'int64', seats: 'int64' },
      defaults: { seats: 150 },
      maxAgeMs: null,
      onMissing: 'default',
      onError: 'default',
      nulls: 'keep',
    });
  });
});
