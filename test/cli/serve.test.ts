import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask } from '../e2e/ask.ts';
import { projectFolder } from '../e2e/serve-project.ts';
import { startTandem, tandem } from './tandem.ts';

const YAML = `
version: 1
project: p
inputs: { instance: { km: double } }
models: { m: { features: [instance.km] } }
server: { http: { port: 0 }, admin: { port: 0 } }
telemetry: { logs: { level: silent } }
`;
const PROJECT = { 'tandem.yaml': YAML };

describe('tandem serve', () => {
  it('prints where it listens as one JSON line, and drains at SIGTERM with exit 0', async () => {
    await using project = await projectFolder(PROJECT);
    const server = await startTandem('serve', join(project.folder, 'tandem.yaml'));
    const { listening } = server;
    expect(listening).toEqual({
      event: 'listening',
      http: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      grpc: null,
      admin: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
    });
    const { json } = await ask(listening.http, { path: '/v1/models/m:features', body: { instances: [{ km: 5 }] } });
    expect(json).toMatchObject({ features: [{ values: [5] }] });
    server.kill('SIGTERM');
    expect(await server.exited).toBe(0);
  });

  it('ends with exit 0 when the operator drains it, also before its model was there', async () => {
    await using project = await projectFolder(PROJECT);
    const server = await startTandem('serve', join(project.folder, 'tandem.yaml'));
    expect((await ask(server.listening.admin, { path: '/drain', method: 'POST' })).json).toEqual({ draining: true });
    expect(await server.exited).toBe(0);
  });

  it('says which port is taken, with exit 1', async () => {
    await using project = await projectFolder(PROJECT);
    const file = join(project.folder, 'tandem.yaml');
    const server = await startTandem('serve', file);
    const port = server.listening.http.split(':')[1];
    const second = await tandem('serve', file, '--port', port);
    expect(second).toEqual({
      exit: 1,
      out: '',
      err: `Port ${port} of 127.0.0.1 is taken; choose another, or 0 for a free one.\n`,
    });
    server.kill('SIGINT');
    expect(await server.exited).toBe(0);
  });
});
