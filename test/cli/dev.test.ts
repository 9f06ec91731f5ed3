import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../e2e/serve-project.ts';
import { tandem } from './tandem.ts';

const YAML = `
version: 1
project: p
inputs: { instance: { id: string } }
stores: { online: { type: lmdb } }
views: { plane: { store: online, key: { id: instance.id }, fields: { seats: double } } }
models: { m: { features: [plane.seats], wrapper: { predictor: ./predictor.js } } }
dev: { fill: { plane: planes.csv } }
server: { http: { port: 0 }, admin: { port: 0 } }
telemetry: { logs: { level: silent } }
`;

it('tandem dev ends with exit 1 and the reason where it cannot fill a table', async () => {
  await using project = await projectFolder({ 'tandem.yaml': YAML, 'planes.csv': 'id,seats\nA,many\n' });
  const { exit, out, err } = await tandem('dev', join(project.folder, 'tandem.yaml'));
  expect({ exit, out }).toEqual({ exit: 1, out: '' });
  expect(err).toMatch(/^dev\.fill: planes\.csv, .*seats/);
});
