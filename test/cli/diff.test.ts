import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../e2e/serve-project.ts';
import { tandem } from './tandem.ts';

const OLD = `version: 1
project: p
inputs: { instance: { id: string, km: double } }
stores: { online: { type: lmdb } }
views:
  trip:
    store: online
    key: { id: instance.id }
    fields: { late: double }
    defaults: { late: 0 }
models:
  m: { features: [instance.km, trip.late] }
`;

describe('tandem diff', () => {
  it('shows what breaks whom, at its place in the new file, and exits 3', async () => {
    await using project = await projectFolder({
      'old.yaml': OLD,
      'new.yaml': OLD.replace('km: double }', 'km: double, hour: int64 }')
        .replace('late: 0', 'late: 1')
        .replace('late: double', 'late: int64')
        .replace('instance.km, trip.late', 'trip.late, instance.km'),
    });
    const file = join(project.folder, 'new.yaml');
    const { exit, out, err } = await tandem('diff', join(project.folder, 'old.yaml'), file);
    expect({ exit, err }).toEqual({ exit: 3, err: '' });
    expect(out).toBe(`Breaks callers (1)
  inputs
    ${file}:3:53 \`instance.hour\` added, int64, required

Breaks the model: it was trained for other inputs (2)
  model m
    ${file}:12:19 features in another order: \`trip.late\` 2 → 1, \`instance.km\` 1 → 2
    ${file}:12:19 feature \`trip.late\`: double → int64

Breaks stored rows: they have to be written again (1)
  view trip, read by m
    ${file}:9:21 field \`late\`: double → int64

Breaks nothing, and behaves differently (1)
  view trip, read by m
    ${file}:10:23 defaults.late: 0 → 1

5 changes, 4 of them breaking.
`);
  });

  it('exits 0 where nothing breaks', async () => {
    await using project = await projectFolder({ 'old.yaml': OLD, 'new.yaml': OLD.replace('late: 0', 'late: 1') });
    const [file, other] = ['old.yaml', 'new.yaml'].map((name) => join(project.folder, name));
    const [same, milder] = await Promise.all([tandem('diff', file, file), tandem('diff', file, other)]);
    expect(same).toEqual({ exit: 0, out: 'Nothing changes for models and callers.\n', err: '' });
    expect(milder).toMatchObject({ exit: 0, err: '' });
    expect(milder.out).toMatch(/\n1 change, none of them breaking\.\n$/);
  });

  it('gives the same as JSON', async () => {
    await using project = await projectFolder({ 'old.yaml': OLD, 'new.yaml': OLD.replace('km: double', 'km: int64') });
    const file = join(project.folder, 'new.yaml');
    const { exit, out } = await tandem('diff', join(project.folder, 'old.yaml'), file, '--json');
    expect(exit).toBe(3);
    const diff = JSON.parse(out) as { breaking: boolean; changes: object[] };
    expect(diff.breaking).toBe(true);
    expect(diff.changes[0]).toEqual({
      breaks: 'callers',
      about: 'inputs',
      message: '`instance.km`: double → int64',
      models: ['m'],
      path: 'inputs.instance.km',
      file,
      line: 3,
      column: 39,
    });
  });

  it('says what an overlay changes, with the place in the overlay, and what two have in common is no change', async () => {
    await using project = await projectFolder({
      'tandem.yaml': OLD,
      'prod.yaml': 'views: { trip: { maxAge: 1h } }\n',
    });
    const [file, overlay] = ['tandem.yaml', 'prod.yaml'].map((name) => join(project.folder, name));
    const [one, both] = await Promise.all([
      tandem('diff', file, file, '-f', overlay),
      tandem('diff', file, file, '--old-file', overlay, '-f', overlay),
    ]);
    expect(one.out).toContain(`    ${overlay}:1:26 maxAge: none → 1h\n`);
    expect(both).toEqual({ exit: 0, out: 'Nothing changes for models and callers.\n', err: '' });
  });

  it('needs no address that `tandem dev` would set, and names the variable in its place', async () => {
    const service = 'services: { trips: { url: "${TRIPS_URL}" } }\ndev: { run: { trips: node trips.ts } }\n';
    await using project = await projectFolder({
      'old.yaml': `${OLD}${service.replace('${TRIPS_URL}', 'http://trips:80')}`,
      'new.yaml': `${OLD}${service}`,
    });
    const [old, now] = ['old.yaml', 'new.yaml'].map((name) => join(project.folder, name));
    const { exit, out } = await tandem('diff', old, now);
    expect(exit).toBe(0);
    expect(out).toContain(`service trips\n    ${now}:13:27 url: http://trips:80 → http://TRIPS_URL.invalid\n`);
  });

  it('exits 1 where a file does not check, and 2 where one is missing', async () => {
    await using project = await projectFolder({ 'old.yaml': OLD, 'new.yaml': OLD.replace('models:', 'modles:') });
    const [old, broken] = ['old.yaml', 'new.yaml'].map((name) => join(project.folder, name));
    const [unchecked, usage] = await Promise.all([tandem('diff', old, broken), tandem('diff', old)]);
    expect(unchecked).toMatchObject({ exit: 1, out: '' });
    expect(unchecked.err).toContain(
      `${broken}:11:1 error UNKNOWN_KEY unknown key \`modles\`, did you mean \`models\`?`,
    );
    expect(usage.exit).toBe(2);
  });
});
