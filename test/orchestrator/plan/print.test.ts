import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import { describePlan } from '../../../orchestrator/plan/describe.ts';
import { printPlan } from '../../../orchestrator/plan/print.ts';
import { checkedOf } from '../planted.ts';
import { FUNCTIONS_YAML, SERVICES_YAML, STORES_YAML } from './described.ts';

function describeYaml(yaml: string): ReturnType<typeof describePlan> {
  const checked = checkedOf(yaml);
  return describePlan(compilePlan(checked), checked);
}

describe('a printed plan', () => {
  it('sums a model up in its first line, then shows each read by its key and policy', () => {
    expect(printPlan(describeYaml(STORES_YAML))).toBe(`project nyc, as of request.time

model risk: 4 features, 1 read a request + 1 an object, worst case 145ms of 150ms
  reads     1 round, all at once
  time      features 100ms (ended by their budget: plane has no timeout of its own) + model 45ms, 5ms to spare
  deadline  150ms (features 100ms, model 45ms); fallback on OVERLOADED, WRAPPER_UNAVAILABLE
  level 0
    one round to store online: 1 key a request + 1 an object, 2 views merged
      plane  per object   from    online/plane
                          key     tail: instance.tail
                          fields  year int64, seats int64 else 150
                          policy  missing: default, error: default, nulls: keep
      pulse  per request  from    online/hours
                          key     hour: truncate(request.time, '1h')
                          fields  mean double
                          policy  missing: fail, error: fail, nulls: keep, maxAge: 2h
  level 1
    compute
      age  per object  double  double(2013 - plane.year)
  features
    0  age          per object   double
    1  plane.seats  per object   int64
    2  pulse.mean   per request  double
    3  carrier      per object   category of 2  from instance.carrier

model bare: 1 feature, 1 read a request, worst case 1s of 1s
  reads     1 round, all at once
  time      features 667ms (ended by their budget: pulse has no timeout of its own) + model 333ms, nothing to spare
  deadline  1s (features 667ms, model 333ms); no fallback
  level 0
    one round to store online: 1 key a request
      pulse  per request  from    online/hours
                          key     hour: truncate(request.time, '1h')
                          fields  mean double
                          policy  missing: fail, error: fail, nulls: keep, maxAge: 2h
  features
    0  pulse.mean  per request  double
`);
  });

  it('shows the functions that are called together, with what they are called with and what stands in for them', () => {
    expect(printPlan(describeYaml(FUNCTIONS_YAML))).toBe(`project nyc, as of arrival

model risk: 2 features, no read, worst case 1s of 1s
  reads     none
  time      features 667ms (ended by their budget: near has no timeout of its own + last has no timeout of its own) + model 333ms, nothing to spare
  deadline  1s (features 667ms, model 333ms); no fallback
  level 0
    call Python, one message
      near  per object  double  ./f.py:near  km: instance.km, scale: 2.0  on error default 0.5
    call Python, one message
      busy  per request  bool  ./f.py:busy  time: request.time  on error fail
  level 1
    compute
      half  per object  double  near / 2.0
    call Python, one message
      last  per object  double  ./f.py:near  km: half, scale: near
  features
    0  busy  per request  bool
    1  last  per object   double
`);
  });

  it('says of services and caches what bounds them', () => {
    const text = printPlan(describeYaml(SERVICES_YAML));
    expect(text.slice(text.indexOf('model calm')))
      .toBe(`model calm: 2 features, 2 reads an object, worst case 250ms of 300ms
  reads     2 rounds, in 2 levels, one after the other
  time      features 160ms (slowest reads: sky 80ms + station 80ms) + model 90ms, 50ms to spare
  deadline  300ms (features 200ms, model 90ms); no fallback
  level 0
    one round to service weather: 1 key an object, 50 keys a call
      sky  per object  from    weather POST /lookup
                       key     origin: instance.origin, hour: truncate(request.time, '1h')
                       fields  temp double, station string
                       policy  missing: default, error: default, nulls: keep
                       limits  timeout: 40ms, retries: 1, maxConcurrency: 8
                       cache   ttl: 5m, staleIfError: 2h, negativeTtl: 30s, maxEntries: 5000 of about 237B, at most 1.1MiB
  level 1
    one round to service weather: 1 key an object, a call each
      station  per object  from    weather GET /stations/{name}
                           key     name: sky.station
                           fields  height double
                           policy  missing: default, error: default, nulls: keep
                           limits  timeout: 40ms, retries: 1, maxConcurrency: 8
                           cache   ttl: 1h, maxEntries: 100 of about 163B, maxBytes: 8KiB, at most 8KiB
  features
    0  sky.temp        per object  double
    1  station.height  per object  double

caches of a process: at most 1.1MiB
  sky      1.1MiB
  station    8KiB
`);
  });

  it('says what callers may send, and how', () => {
    const yaml = STORES_YAML.replace('stores:', 'overrides: [plane.seats, pulse.mean]\nstores:');
    const { overrides } = describeYaml(yaml);
    expect(overrides).toEqual([
      { name: 'plane.seats', type: 'int64', per: 'object' },
      { name: 'pulse.mean', type: 'double', per: 'request' },
    ]);
    expect(printPlan(describeYaml(yaml))).toMatch(
      /\n\noverrides: callers may send\n  plane\.seats  per object   int64\n  pulse\.mean   per request  double\n$/,
    );
  });

  it('says how many views one round merges', () => {
    expect(printPlan(describeYaml(SERVICES_YAML))).toContain(
      '    one round to store online: 1 key a request + 2 an object, 3 views merged\n',
    );
  });

  it('is laid out alike with and without colours', () => {
    const painted = printPlan(describeYaml(STORES_YAML), (_, text) => `\u001b[1m${text}\u001b[22m`);
    // oxlint-disable-next-line no-control-regex -- the escapes are what is taken off
    expect(painted.replaceAll(/\u001b\[\d+m/g, '')).toBe(printPlan(describeYaml(STORES_YAML)));
  });
});
