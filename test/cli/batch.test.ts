import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../e2e/serve-project.ts';
import { tandem } from './tandem.ts';

/** Nothing listens on the discard port of this machine. */
const YAML = `
version: 1
project: p
inputs: { instance: { id: string, km: double } }
services: { prices: { url: 'http://127.0.0.1:9' } }
views: { price: { service: prices, get: '/{id}', key: { id: instance.id }, fields: { euros: double }, defaults: { euros: 5 } } }
models: { m: { features: [instance.km, price.euros] } }
`;

it('tandem batch tells the values that it could not read, logs them rarely, and exits 1', async () => {
  const rows = Array.from({ length: 300 }, (_, row) =>
    JSON.stringify({ request: {}, instances: [{ id: `a${row}`, km: row }] }),
  );
  await using project = await projectFolder({ 'tandem.yaml': YAML, 'rows.jsonl': rows.join('\n') });
  const [file, instances, out] = ['tandem.yaml', 'rows.jsonl', 'out.jsonl'].map((name) => join(project.folder, name));
  const ran = await tandem('batch', file, '--instances', instances, '--out', out);
  expect(ran.exit).toBe(1);
  expect(ran.out).toContain('300 rows of 300 calls written to ');
  expect(ran.out).toContain('300 values of price could not be read');
  const told = `${ran.out}${ran.err}`.split('\n').filter((line) => line.includes('a view could not be read'));
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(50);
});
