import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../e2e/ask.ts';
import { projectFolder } from '../e2e/serve-project.ts';
import { startServe, type ServeProcess } from '../e2e/serve-process.ts';

const BASE = (more = ''): string => `
version: 1
project: p
${more}
inputs: { instance: { km: double } }
models: { m: { features: [far] } }
server: { http: { port: 0 }, admin: { port: 0 } }
`;
const FAR = (factor: number): string => `onDemand: { far: { type: double, cel: 'instance.km * ${factor}.0' } }\n`;

let cleanUp: AsyncDisposableStack;
let folder: string;
beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  ({ folder } = cleanUp.use(await projectFolder({})));
});
afterEach(() => cleanUp.disposeAsync());

async function serve(...flags: string[]): Promise<ServeProcess> {
  const server = await startServe(join(folder, 'tandem.yaml'), ...flags);
  cleanUp.defer(() => server.stop());
  return server;
}

/** Waits until the server has told of a reload that `act` caused. */
async function reloadedBy(server: ServeProcess, act: () => Promise<unknown>): Promise<string> {
  const told = server.logged(/"msg":"reloaded|was not taken/);
  await act();
  return told;
}

async function far(server: ServeProcess): Promise<unknown> {
  const body = { instances: [{ km: 1 }] };
  const { json } = await ask(server.http, { path: '/v1/models/m:features', body });
  return (json['features'] as { values: unknown[] }[])[0].values[0];
}

describe('tandem serve reloads', () => {
  it('a ConfigMap with the files that it includes, each time that its link is swapped', async () => {
    const mount = async (version: string, factor: number): Promise<void> => {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'tandem.yaml'), BASE('include: [far.yaml]'));
      await writeFile(join(folder, version, 'far.yaml'), FAR(factor));
      await symlink(version, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    await mount('..1', 2);
    for (const name of ['tandem.yaml', 'far.yaml']) await symlink(`..data/${name}`, join(folder, name));
    const server = await serve();
    expect(await far(server)).toBe(2);
    await reloadedBy(server, async () => {
      await mount('..2', 3);
      await rm(join(folder, '..1'), { recursive: true });
    });
    expect(await far(server)).toBe(3);
    await reloadedBy(server, () => mount('..3', 4));
    expect(await far(server)).toBe(4);
  });

  it('an overlay, and a file whose include came with an earlier reload', async () => {
    await writeFile(join(folder, 'tandem.yaml'), BASE(FAR(1)));
    await writeFile(join(folder, 'prod.yaml'), 'limits: { instances: 5 }\n');
    const server = await serve('-f', join(folder, 'prod.yaml'));
    await reloadedBy(server, () => writeFile(join(folder, 'prod.yaml'), FAR(7)));
    expect(await far(server)).toBe(7);
    await writeFile(join(folder, 'far.yaml'), FAR(8));
    await reloadedBy(server, () => writeFile(join(folder, 'prod.yaml'), 'limits: { instances: 6 }\n'));
    expect(await far(server)).toBe(1);
    await reloadedBy(server, () => writeFile(join(folder, 'tandem.yaml'), BASE('include: [far.yaml]')));
    expect(await far(server)).toBe(8);
    await reloadedBy(server, () => writeFile(join(folder, 'far.yaml'), FAR(9)));
    expect(await far(server)).toBe(9);
  });

  it('nothing while the file is broken, and says why; then the file as it was mended', async () => {
    await writeFile(join(folder, 'tandem.yaml'), BASE(FAR(1)));
    const server = await serve();
    const told = await reloadedBy(server, () =>
      writeFile(join(folder, 'tandem.yaml'), BASE(FAR(2)).replace('km *', 'kn *')),
    );
    expect(told).toContain('was not taken');
    expect(server.log).toMatch(/tandem\.yaml:4:\d+ error \S+ .*instance\.kn/);
    expect(await far(server)).toBe(1);
    await reloadedBy(server, () => writeFile(join(folder, 'tandem.yaml'), BASE(FAR(2))));
    expect(await far(server)).toBe(2);
  });
});
