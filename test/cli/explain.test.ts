import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../e2e/serve-project.ts';
import { STORES_YAML } from '../orchestrator/plan/described.ts';
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
    expect(out).toContain('    one round to store online: 1 key a request + 4 an object, 5 views merged\n');
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

  it('draws the same as a flowchart', async () => {
    const { exit, out, err } = await tandem('explain', FILE, '--mermaid');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toMatch(/^flowchart LR\n/);
  });

  it('explains what an overlay makes of a file, and shows the merged YAML with the place of what is not its own', async () => {
    await using project = await projectFolder({ 'prod.yaml': 'models: { delay-risk: { deadline: 200ms } }\n' });
    const overlay = join(project.folder, 'prod.yaml');
    const plan = await tandem('explain', FILE, '-f', overlay);
    expect({ exit: plan.exit, err: plan.err }).toEqual({ exit: 0, err: '' });
    expect(plan.out).toContain('worst case 145ms of 200ms\n');
    const merged = await tandem('explain', FILE, '-f', overlay, '--merged');
    expect({ exit: merged.exit, err: merged.err }).toEqual({ exit: 0, err: '' });
    expect(merged.out).toMatch(/^ {4}deadline: 200ms # .*prod\.yaml:1$/m);
  });

  it('shows one model of several, and says which there are where it is none of them', async () => {
    await using project = await projectFolder({ 'two.yaml': STORES_YAML });
    const file = join(project.folder, 'two.yaml');
    const { out } = await tandem('explain', file, '--model', 'bare');
    expect(out.match(/^model .*/gm)).toEqual(['model bare: 1 feature, 1 read a request, worst case 1s of 1s']);
    const other = await tandem('explain', file, '--model', 'bear');
    expect(other).toEqual({ exit: 1, out: '', err: 'There is no model "bear": the file has risk, bare.\n' });
  });

  it('shows the merged YAML of a file that has problems, and tells them', async () => {
    await using project = await projectFolder({ 'prod.yaml': 'models: { delay-risk: { deadline: soon } }\n' });
    const { exit, out, err } = await tandem('explain', FILE, '-f', join(project.folder, 'prod.yaml'), '--merged');
    expect(exit).toBe(1);
    expect(out).toMatch(/^ {4}deadline: soon # /m);
    expect(err).toContain('DURATION_SYNTAX');
  });
});
