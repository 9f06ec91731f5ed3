import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ask } from '../e2e/ask.ts';
import { projectFolder } from '../e2e/serve-project.ts';
import { startTandem, tandem } from './tandem.ts';

/** Two processes: the shell's child is what serves, and writes down where. */
const yaml = (command: string): string => `
version: 1
project: p
inputs: { instance: { id: string } }
services: { prices-eu: { url: '\${PRICES_EU_URL}' } }
views: { price: { service: prices-eu, get: '/{id}', key: { id: instance.id }, fields: { euros: double } } }
models: { m: { features: [price.euros] } }
dev: { run: { prices-eu: ${JSON.stringify(command)} } }
server: { http: { port: 0 }, admin: { port: 0 } }
telemetry: { logs: { level: silent } }
`;
const SERVICE = `
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
writeFileSync('service.port', process.argv[2]);
createServer((request, response) => response.end(JSON.stringify({ euros: request.url.length }))).listen(Number(process.argv[2]), '127.0.0.1');
`;

it('tandem dev runs the services of dev.run on free ports, tells the YAML where, and ends them with itself', async () => {
  const files = { 'tandem.yaml': yaml('true && node service.mjs $PORT'), 'service.mjs': SERVICE };
  await using project = await projectFolder(files);
  const dev = await startTandem('dev', join(project.folder, 'tandem.yaml'));
  const { json } = await ask(dev.listening.http, {
    path: '/v1/models/m:features',
    body: { instances: [{ id: 'abc' }] },
  });
  const port = await readFile(join(project.folder, 'service.port'), 'utf8');
  const askService = () => ask(`127.0.0.1:${port}`, { path: '/ab' });
  expect((await askService()).text).toBe('{"euros":3}');
  dev.kill('SIGTERM');
  expect(await dev.exited).toBe(0);
  expect(json).toMatchObject({ features: [{ values: [4], sources: ['service'] }] });
  await expect(askService()).rejects.toThrow('ECONNREFUSED');
});

it('tandem dev ends behind its error, and its services with it', async () => {
  const files = {
    'tandem.yaml': `${yaml('node service.mjs $PORT')}stores: { online: { type: lmdb } }\n`
      .replace('views: {', 'views: { plane: { store: online, key: { id: instance.id }, fields: { seats: double } },')
      .replace('[price.euros]', '[price.euros, plane.seats]')
      .replace('dev: {', 'dev: { fill: { plane: planes.csv },'),
    'service.mjs': SERVICE,
    'planes.csv': 'id,seats\nA,many\n',
  };
  await using project = await projectFolder(files);
  const { exit, err } = await tandem('dev', join(project.folder, 'tandem.yaml'));
  expect({ exit, err }).toEqual({ exit: 1, err: expect.stringMatching(/^dev\.fill: planes\.csv, .*seats/) as string });
  const port = await readFile(join(project.folder, 'service.port'), 'utf8');
  await expect(ask(`127.0.0.1:${port}`, { path: '/ab' })).rejects.toThrow('ECONNREFUSED');
});

it('tandem dev ends the services that run where another does not', async () => {
  const both = yaml('exit 7').replace('run: {', "run: { other: 'node service.mjs $PORT',");
  await using project = await projectFolder({ 'tandem.yaml': both, 'service.mjs': SERVICE });
  const { exit, err } = await tandem('dev', join(project.folder, 'tandem.yaml'));
  expect({ exit, err }).toEqual({ exit: 1, err: 'The service "prices-eu" ended (7): `exit 7`\n' });
});

it('tandem dev says which service ended before it listened, and by which command', async () => {
  await using project = await projectFolder({ 'tandem.yaml': yaml('exit 7') });
  const { exit, out, err } = await tandem('dev', join(project.folder, 'tandem.yaml'));
  expect({ exit, out, err }).toEqual({ exit: 1, out: '', err: 'The service "prices-eu" ended (7): `exit 7`\n' });
});
