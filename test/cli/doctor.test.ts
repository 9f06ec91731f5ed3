import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../foundation/free-port.ts';
import { projectFolder } from '../e2e/serve-project.ts';
import { RedisServer } from '../servers/redis.ts';
import { tandem } from './tandem.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru', '--appendonly', 'yes');
});
afterAll(() => server.stop());

/** Three stores, of which the first is down and the second may lose rows; a service and a model that are not there. */
const yaml = (down: number) => `
version: 1
project: shop
inputs: { instance: { id: string } }
stores:
  down: { type: redis, url: 'redis://127.0.0.1:${down}', password: swordfish-7 }
  evicting: { type: redis, url: '${server.url}' }
  here: { type: lmdb }
services: { prices: { url: 'http://127.0.0.1:${down}' } }
views:
  stock: { store: evicting, key: { id: instance.id }, fields: { count: int64 } }
  product: { store: here, key: { id: instance.id }, fields: { price: double }, maxAge: 1d }
models: { sales: { features: [stock.count, product.price] } }
dev: { fill: { stock: data/stock.jsonl } }
`;

interface Report {
  project: string;
  isSound: boolean;
  parts: {
    part: string;
    name: string;
    findings: { code: string }[];
    views?: { findings: { code: string; mend: string }[] }[];
  }[];
}

describe('tandem doctor', () => {
  it('tells of every part, those behind one that is down too, and exits 1; no password is shown', async () => {
    await using project = await projectFolder({ 'tandem.yaml': yaml(await freePort()) });
    const file = join(project.folder, 'tandem.yaml');
    const ran = await tandem('doctor', file, '--json');
    expect(ran.exit).toBe(1);
    const report = JSON.parse(ran.out) as Report;
    expect({ project: report.project, isSound: report.isSound }).toEqual({ project: 'shop', isSound: false });
    const codes = report.parts.map(({ part, name, findings, views = [] }) => [
      `${part} ${name}`,
      ...findings.map(({ code }) => code),
      ...views.flatMap((view) => view.findings.map(({ code }) => code)),
    ]);
    expect(codes).toEqual([
      ['store down', 'UNREACHABLE'],
      ['store evicting', 'EVICTION', 'EMPTY_TABLE'],
      ['store here', 'EMPTY_TABLE'],
      ['service prices', 'UNREACHABLE'],
      ['model sales', 'UNREACHABLE'],
    ]);
    const fill = join(project.folder, 'data/stock.jsonl');
    expect(report.parts[1].views?.[0].findings[0].mend).toBe(`tandem ingest ${file} --view stock ${fill}`);

    const shown = await tandem('doctor', file);
    expect(shown.exit).toBe(1);
    expect(shown.out).toMatch(
      /^project shop\n\nstore down: redis, redis:\/\/127\.0\.0\.1:\d+\n {2}problem UNREACHABLE the store/,
    );
    expect(shown.out).toMatch(
      /\nstore evicting: redis \d\S+, redis:\/\/\S+\n {2}connect +\d+\.\d{3}ms\n {2}round trip +p50 /,
    );
    expect(shown.out).toMatch(/\n {2}max memory +100MiB\n {2}max memory policy +allkeys-lru\n/);
    expect(shown.out).toMatch(/\n {2}problem EVICTION maxmemory-policy allkeys-lru: .*NOT_FOUND\n {4}CONFIG SET /);
    expect(shown.out).toMatch(/\n4 problems, 2 warnings\n$/);
    expect(ran.out + ran.err + shown.out + shown.err).not.toContain('swordfish');
  }, 30_000);

  it('exits 0 where nothing is wrong, though there be warnings; overlays and the folder of stores are as in serve', async () => {
    await using project = await projectFolder({
      'tandem.yaml':
        'version: 1\nproject: shop\ninputs: { instance: { id: string } }\nstores: { online: { type: lmdb } }\n' +
        'views: { product: { store: online, key: { id: instance.id }, fields: { price: double }, maxAge: 1d } }\n',
      'prod.yaml': 'stores: { online: { path: elsewhere } }\n',
      'rows.jsonl': '{"id":"a","price":1.5}\n{"id":"b","price":null}\n',
    });
    const [file, overlay, rows] = ['tandem.yaml', 'prod.yaml', 'rows.jsonl'].map((name) => join(project.folder, name));
    const flags = ['-f', overlay, '--state-dir', join(project.folder, 'state')];
    const empty = await tandem('doctor', file, ...flags);
    expect(empty.exit).toBe(0);
    expect(empty.out).toContain(`\n      tandem ingest ${file} --view product ${flags.join(' ')} DATA\n`);
    await tandem('ingest', file, '--view', 'product', rows, ...flags);
    const { exit, out } = await tandem('doctor', file, ...flags);
    expect(exit).toBe(0);
    expect(out).toMatch(/^project shop\n\nstore online: lmdb \d\S+, elsewhere\n/);
    expect(out).toMatch(/\n {2}view product\n {4}rows +2\n {4}sample +2 of 2 decode\n {4}a row +key 14B, value 1\dB; /);
    expect(out).toMatch(/\n {4}price {2}double {2}50% null\n {4}warning UNTIMED 100% of the rows have no `_ts`/);
    expect(out).toMatch(/\nno problem, 1 warning\n$/);
  }, 30_000);

  it('tells what is wrong with a YAML, and exits 1; 2 for a flag that is none', async () => {
    await using project = await projectFolder({ 'tandem.yaml': 'version: 1\n' });
    const file = join(project.folder, 'tandem.yaml');
    const bad = await tandem('doctor', file);
    expect({ exit: bad.exit, out: bad.out }).toEqual({ exit: 1, out: '' });
    expect(bad.err).toContain('MISSING_KEY');
    expect((await tandem('doctor', file, '--timeout', 'soon')).exit).toBe(2);
    expect((await tandem('doctor', file, '--timeout', '0s')).exit).toBe(2);
    expect((await tandem('doctor')).exit).toBe(2);
  });

  it('is ended by Ctrl-C, whatever it waits for', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const reached = once(silent, 'connection');
    const { port } = silent.address() as AddressInfo;
    await using project = await projectFolder({
      'tandem.yaml': `version: 1\nproject: p\nservices: { slow: { url: 'https://127.0.0.1:${port}' } }\n`,
    });
    const args = [MAIN, 'doctor', join(project.folder, 'tandem.yaml'), '--timeout', '60s'];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    await reached;
    child.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
    silent.close();
  });
});
