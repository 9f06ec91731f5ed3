import { describe, expect, it } from 'vitest';
import { tandem } from './tandem.ts';

const FILE = 'examples/flights/tandem.yaml';

interface Description {
  models: {
    model: string;
    levels: { computes: { name: string; per: string }[]; reads: { view: string; per: string }[] }[];
    features: { name: string }[];
  }[];
}

describe('tandem explain', () => {
  it('prints the DAG of the example, level by level', async () => {
    const { exit, out, err } = await tandem('explain', FILE);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toMatch(/^project nyc, as of request.time\n/);
    expect(out).toContain('model delay-risk: 10 features, 1 read a request + 5 an object, worst case 145ms of 150ms\n');
    expect(out).toContain('    one round to store online: 1 key a request + 5 an object, 6 views merged\n');
    expect(out).toMatch(/ plane +per object +from +online\/plane\n +key +tailnum: instance.tailnum\n/);
    expect(out).toMatch(/ pulse +per request +from +online\/pulse\n +key +hour: truncate\(request.time, '1h'\)\n/);
    expect(out).toMatch(/ level 1\n +compute\n +plane_age +per object +double +double\(/);
    expect(out).toMatch(/ 9 +carrier +per object +category of 16 +from instance.carrier\n/);
    expect(out).toContain('fallback on WRAPPER_UNAVAILABLE, DEADLINE_EXCEEDED, OVERLOADED\n');
  });

  it('gives the same as JSON', async () => {
    const { exit, out, err } = await tandem('explain', FILE, '--json');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    const { models } = JSON.parse(out) as Description;
    expect(models).toHaveLength(1);
    const [{ model, levels, features }] = models;
    expect(model).toBe('delay-risk');
    const grains = levels.map(({ computes, reads }) => ({
      computes: computes.map(({ name }) => name),
      reads: Object.fromEntries(reads.map(({ view, per }) => [view, per])),
    }));
    expect(grains).toEqual([
      {
        computes: ['hour'],
        reads: {
          plane: 'object',
          route: 'object',
          pulse: 'request',
          weather: 'object',
          dest_airport: 'object',
          home_airport: 'object',
        },
      },
      { computes: ['plane_age', 'tz_shift'], reads: {} },
    ]);
    expect(features).toHaveLength(10);
  });
});
