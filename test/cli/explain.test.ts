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
    expect(out).toContain('project nyc, as of request.time\n');
    expect(out).toContain('model delay-risk: deadline 150ms (features 100ms, model 45ms)\n  level 0\n');
    expect(out).toContain('    read plane from online/plane  (per object)\n      by tailnum: instance.tailnum\n');
    expect(out).toContain(
      "    read pulse from online/pulse  (per request)\n      by hour: truncate(request.time, '1h')\n",
    );
    expect(out).toContain('  level 1\n    compute plane_age = ');
    expect(out).toContain('      9 carrier from instance.carrier  (category of 16, per object)\n');
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
