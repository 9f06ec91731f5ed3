import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import type { ModelPlan, Plan } from '../../../orchestrator/plan/plan.ts';
import { checkedOf } from '../planted.ts';

const planOf = (blocks: string): Plan =>
  compilePlan(
    checkedOf(`
version: 1
project: p
inputs:
  request: { time: "timestamp?", city: "string?" }
  instance: { user: int64, tail: "string?", km: double, unread: string }
stores: { online: { type: lmdb } }
${blocks}`),
  );

const modelOf = (plan: Plan, name = 'm'): ModelPlan => plan.models.get(name)!;
/** Each level as the names that it computes, the functions that it calls and the fields that it reads. */
const levelsOf = (model: ModelPlan): { computes: string[]; calls?: string[]; reads: string[] }[] =>
  model.levels.map(({ computes, calls, fetches }) => ({
    computes: computes.map(({ name }) => name),
    ...(calls.length > 0 && { calls: calls.map(({ name }) => name) }),
    reads: fetches.flatMap(({ fields }) => fields.map(({ name }) => name)),
  }));

const CHAIN = `
views:
  plane:  { store: online, key: { tail: instance.tail }, fields: { year: int64, maker: string } }
  maker:  { store: online, key: { maker: plane.maker }, fields: { country: string } }
  land:   { store: online, key: { country: maker.country, decade }, fields: { gdp: double } }
  city:   { store: online, key: { city: request.city }, fields: { zone: string, size: int64 } }
  zone:   { store: online, key: { zone: city.zone }, fields: { offset: int64 } }
onDemand:
  total:  { type: double, cel: "rich + instance.km" }
  rich:   { type: double, cel: "land.gdp + double(zone.offset)" }
  decade: { type: int64, cel: "plane.year / 10" }
  far:    { type: bool, cel: "instance.km > 100.0" }
  shift:  { type: int64, cel: "zone.offset + 1" }
  one:    { type: int64, cel: "1" }
`.replace('decade }', 'decade: decade }');

describe('the levels of a model', () => {
  it('call the functions whose arguments are there together, and read what they give a level later', () => {
    const plan = planOf(`
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { year: int64, maker: string } }
  maker: { store: online, key: { maker: code }, fields: { country: string } }
onDemand:
  tenth: { type: double, cel: "instance.km / 10.0" }
  near:  { type: double, function: ./f.py:near, batch: true, args: { km: tenth } }
  far:   { type: double, function: ./f.py:far, batch: true, args: { km: instance.km, city: request.city } }
  code:  { type: string, function: ./f.py:code, batch: true, args: { maker: plane.maker } }
  both:  { type: double, cel: near + far }
  town:  { type: double, function: ./f.py:town, batch: true, args: { city: request.city } }
  idle:  { type: double, function: ./f.py:idle, batch: true, args: { km: instance.km } }
models: { m: { features: [both, town, { name: country, from: maker.country, categories: [FR] }] } }`);
    const model = modelOf(plan);
    expect(levelsOf(model)).toEqual([
      { computes: ['tenth'], calls: ['near', 'far', 'town'], reads: ['plane.maker'] },
      { computes: ['both'], calls: ['code'], reads: [] },
      { computes: [], reads: ['maker.country'] },
    ]);
    const grains = model.levels.flatMap(({ calls }) => calls.map(({ name, perInstance }) => [name, perInstance]));
    expect(Object.fromEntries(grains)).toEqual({ near: true, far: true, town: false, code: true });
  });

  it('read a view when its key is there, and compute when the last thing read is', () => {
    const plan = planOf(`${CHAIN}\nmodels: { m: { features: [total, far] } }`);
    expect(levelsOf(modelOf(plan))).toEqual([
      { computes: ['far'], reads: ['plane.year', 'plane.maker', 'city.zone'] },
      { computes: ['decade'], reads: ['maker.country', 'zone.offset'] },
      { computes: [], reads: ['land.gdp'] },
      { computes: ['rich', 'total'], reads: [] },
    ]);
  });

  it('hold what this model needs, directly or through keys, id, asOf and fallback, and no more', () => {
    const plan = planOf(`${CHAIN}
asOf: request.time
models:
  m: { features: [instance.km], id: instance.user, fallback: { cel: "double(city.size)" } }
  n: { features: [plane.year] }
  o: { features: [instance.km] }`);
    expect(levelsOf(modelOf(plan))).toEqual([{ computes: [], reads: ['city.size'] }]);
    expect(levelsOf(modelOf(plan, 'n'))).toEqual([{ computes: [], reads: ['plane.year'] }]);
    expect(levelsOf(modelOf(plan, 'o'))).toEqual([]);
    const inputs = [...plan.requestInputs, ...plan.instanceInputs];
    const read = (name: string) =>
      inputs.filter(({ slot }) => modelOf(plan, name).inputs.has(slot)).map((input) => input.name);
    expect(read('m')).toEqual(['request.time', 'request.city', 'instance.user', 'instance.km']);
    expect(read('n')).toEqual(['request.time', 'instance.tail']);
    expect(read('o')).toEqual(['request.time', 'instance.km']);
  });

  it('share the slots of the names that several models read', () => {
    const plan = planOf(`${CHAIN}\nmodels: { m: { features: [far, plane.year] }, n: { features: [plane.year] } }`);
    expect(modelOf(plan).features[1].slot).toBe(modelOf(plan, 'n').features[0].slot);
    const slots = plan.instanceInputs.map(({ slot }) => slot);
    expect(new Set(slots).size).toBe(slots.length);
  });
});

describe('what is read or made per object', () => {
  it('is what reaches an instance input, through views and on-demand features; the rest is per request', () => {
    const plan = planOf(`${CHAIN}\nmodels: { m: { features: [total, far, shift, one] } }`);
    const perInstance = Object.fromEntries(Array.from(plan.views.values(), (view) => [view.name, view.perInstance]));
    expect(perInstance).toEqual({ plane: true, maker: true, land: true, city: false, zone: false });
    const computes = modelOf(plan).levels.flatMap((level) => level.computes);
    expect(Object.fromEntries(computes.map((step) => [step.name, step.perInstance]))).toEqual({
      far: true,
      decade: true,
      rich: true,
      total: true,
      shift: false,
      one: false,
    });
  });

  it('is a view of which one key part of several reaches an instance', () => {
    const plan = planOf(`
views: { pair: { store: online, key: { city: request.city, tail: instance.tail }, fields: { n: int64 } } }
models: { m: { features: [pair.n] } }`);
    const view = plan.views.get('pair')!;
    expect(view.perInstance).toBe(true);
    expect(view.key.map(({ part, perInstance }) => ({ part, perInstance }))).toEqual([
      { part: 'city', perInstance: false },
      { part: 'tail', perInstance: true },
    ]);
  });
});

describe('a compiled view', () => {
  const VIEW = (more: string) => `
views: { v: { store: online, key: { user: instance.user }, fields: { n: int64, at: timestamp, ok: bool, s: string }${more} } }
models: { m: { features: [v.n, v.at, v.ok, { name: s, from: v.s, categories: [a] }] } }`;
  const view = (more = '') => planOf(VIEW(more)).views.get('v')!;

  it('reads the table of its own name unless it names one, and is lenient unless told', () => {
    expect(view()).toMatchObject({
      origin: { kind: 'store', store: 'online', table: 'v' },
      onMissing: 'default',
      onError: 'default',
      nulls: 'keep',
    });
    expect(view(', table: users').origin).toMatchObject({ table: 'users' });
    expect(view(', onMissing: null, onError: fail, nulls: default, maxAge: 2h')).toMatchObject({
      onMissing: 'null',
      onError: 'fail',
      nulls: 'default',
      maxAgeMs: 7_200_000,
    });
  });

  it('fails for what is missing and for what went wrong where it is required', () => {
    expect(view(', required: true')).toMatchObject({ onMissing: 'fail', onError: 'fail' });
  });

  it('has its defaults in the units of a column, and null where there is none', () => {
    const defaults = (more = '') => view(more).fields.map((field) => field.default);
    expect(defaults()).toEqual([NaN, NaN, NaN, null]);
    expect(view().fields.map(({ hasDefault }) => hasDefault)).toEqual([false, false, false, false]);
    expect(defaults(', defaults: { n: 7, at: "2013-01-01T00:00:00Z", ok: true, s: "" }')).toEqual([
      7,
      Date.UTC(2013, 0, 1),
      1,
      '',
    ]);
  });

  it('keys by the exact text of an int64 input, since numbers round', () => {
    const plan = planOf(VIEW(''));
    const input = plan.instanceInputs.find(({ field }) => field === 'user')!;
    expect(input.textSlot).toBeTypeOf('number');
    expect(plan.views.get('v')!.key[0].slot).toBe(input.textSlot);
    expect(plan.instanceInputs.filter(({ textSlot }) => textSlot !== undefined)).toHaveLength(1);
  });
});

describe('a compiled model', () => {
  const model = (keys: string) => modelOf(planOf(`models: { m: { features: [instance.km]${keys} } }`));

  it('shares its deadline between features and model as the YAML says, or two to one', () => {
    expect(model(', deadline: 300ms')).toMatchObject({ deadlineMs: 300, featuresMs: 200, modelMs: 100 });
    expect(model(', deadline: 300ms, budget: { model: 50ms }')).toMatchObject({ featuresMs: 250, modelMs: 50 });
    expect(model(', deadline: 300ms, budget: { features: 50ms }')).toMatchObject({ featuresMs: 50, modelMs: 250 });
  });

  it('has codes for categories by their place, and a text for a null string', () => {
    const { features } = modelOf(
      planOf(`
models:
  m:
    features:
      - { name: a, from: request.city, categories: [x, y], unknown: 9 }
      - { name: b, from: request.city, categories: [x], unknown: fail }
      - { name: c, from: request.city, default: none }
    wrapper: { tensors: columns }`),
    );
    expect(features.map(({ codes, unknown, nullText }) => ({ codes: codes && [...codes], unknown, nullText }))).toEqual(
      [
        {
          codes: [
            ['x', 0],
            ['y', 1],
          ],
          unknown: 9,
          nullText: '',
        },
        { codes: [['x', 0]], unknown: 'fail', nullText: '' },
        { codes: undefined, unknown: NaN, nullText: 'none' },
      ],
    );
  });
});
