import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { socketsOf } from '../../foundation/socket-path.ts';
import { inferenceService } from '../../proto/service.ts';
import { connectTo, numbersOf, part, type WireClient } from './wire-client.ts';
import { openProject, tandemYaml, type Project, type ProjectOptions, type Wrap } from './wrap-process.ts';

const SUM = `
export default class Sum {
  predict({ rows, matrix, parameters }) {
    if (parameters.do === 'hang') for (;;);
    if (parameters.do === 'wait') return new Promise((resolve) => { globalThis.open = () => resolve([7]); });
    if (parameters.do === 'open') globalThis.open();
    if (parameters.do === 'print') console.log('printed by the researcher');
    return Array.from({ length: rows }, (_, row) => matrix[row * 2] + matrix[row * 2 + 1]);
  }
}
`;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function project(source: string, options?: ProjectOptions): Promise<Project> {
  const opened = await openProject(source, { predictor: './predictor.ts', ...options });
  cleanups.push(() => opened.close());
  return opened;
}

function connect(address: string): WireClient {
  const client = connectTo(address);
  cleanups.push(() => client.close());
  return client;
}

async function sum(client: WireClient): Promise<number[]> {
  const stream = client.stream();
  stream.sendParts([part(1, [1, 2])]);
  const answer = (await stream.answers([1])).get(1)!;
  await stream.end();
  return numbersOf(answer.outputs[0].raw);
}

test('a killed child is replaced and the next one answers on the same socket', async () => {
  const wrap = (await project(SUM)).wrap();
  const first = await wrap.loaded();
  expect(await sum(connect(first.address))).toEqual([3]);
  const killedAt = performance.now();
  process.kill(first.pid, 'SIGKILL');
  const second = await wrap.loaded();
  expect(performance.now() - killedAt).toBeLessThan(5000);
  expect(second).toMatchObject({ model: 'm', version: first.version, address: first.address });
  expect(second.pid).not.toBe(first.pid);
  expect(await sum(connect(second.address))).toEqual([3]);
  expect(wrap.log).toContain('ended by SIGKILL');
});

test('a predictor that blocks its process is killed after hangAfter and started again', async () => {
  const wrap = (await project(SUM, { wrapper: 'hangAfter: 1s' })).wrap();
  const first = await wrap.loaded();
  const stream = connect(first.address).stream();
  stream.sendParts([part(1, [1, 2], { do: 'hang' })]);
  const second = await wrap.loaded();
  expect(second.pid).not.toBe(first.pid);
  expect(wrap.log).toContain('gave no heartbeat for 1000 ms');
  expect(await sum(connect(second.address))).toEqual([3]);
});

test('a load that fails is told in the log, and a mended file is picked up', async () => {
  const opened = await project(
    'export default class P { load() { throw new Error("no weights here"); } predict() {} }',
  );
  const wrap = opened.wrap();
  expect(await wrap.logged(/no weights/)).toContain('`load` of predictor.ts failed: no weights here.');
  await opened.write('predictor.ts', SUM);
  const loaded = await wrap.loaded();
  expect(await sum(connect(loaded.address))).toEqual([3]);
});

test('while `load` runs the server lives and is not ready, and the log tells a load that does not finish', async () => {
  const source = `
import { existsSync } from 'node:fs';
export default class P {
  async load(dir) { while (!existsSync(dir + '/go')) await new Promise((resolve) => setTimeout(resolve, 5)); }
  predict() { return [1]; }
}`;
  const opened = await project(source, { wrapper: 'hangAfter: 300ms' });
  const wrap = opened.wrap();
  await wrap.logged(/`load` has not finished/);
  const client = connect(`unix:${join(opened.folder, 'state', 'm.sock')}`);
  expect(await client.call(inferenceService.ServerLive, {})).toEqual({ live: true });
  expect(await client.call(inferenceService.ModelReady, { name: 'm' })).toEqual({ ready: false });
  const stream = client.stream();
  stream.sendParts([part(1, [1, 2])]);
  expect((await stream.answers([1])).get(1)).toMatchObject({ status: 14, error: expect.stringContaining('NOT_READY') });
  await stream.end();
  const load = client.call(inferenceService.RepositoryModelLoad, { model_name: 'm' });
  await opened.write('go', '');
  expect(await load).toEqual({});
  expect(await client.call(inferenceService.ModelReady, { name: 'm' })).toEqual({ ready: true });
});

test('a caller that waits for a load is told why it failed', async () => {
  const source = `
import { existsSync } from 'node:fs';
export default class P {
  async load(dir) {
    while (!existsSync(dir + '/go')) await new Promise((resolve) => setTimeout(resolve, 5));
    throw new Error('no weights here');
  }
  predict() {}
}`;
  const opened = await project(source, { wrapper: 'hangAfter: 300ms' });
  await opened.wrap().logged(/`load` has not finished/);
  const client = connect(`unix:${join(opened.folder, 'state', 'm.sock')}`);
  expect(await client.call(inferenceService.ServerLive, {})).toEqual({ live: true });
  const load = client.call(inferenceService.RepositoryModelLoad, { model_name: 'm' }).catch((error: unknown) => error);
  await opened.write('go', '');
  expect(await load).toMatchObject({ message: '14 UNAVAILABLE: `load` of predictor.ts failed: no weights here.' });
});

test('SIGTERM drains: the call in flight is answered, the socket is gone, and the exit code is 0', async () => {
  const opened = await project(SUM);
  const wrap = opened.wrap();
  const client = connect((await wrap.loaded()).address);
  const stream = client.stream();
  stream.sendParts([part(1, [1, 2], { do: 'wait' })]);
  stream.sendParts([part(2, [1, 2])]);
  await stream.answers([2]);
  wrap.kill('SIGTERM');
  await wrap.logged(/draining/);
  for (let isReady = true; isReady;) isReady = (await client.call(inferenceService.ServerReady, {})).ready;
  expect(await client.call(inferenceService.ModelReady, { name: 'm' })).toEqual({ ready: true });
  stream.sendParts([part(3, [1, 2], { do: 'open' })]);
  expect(numbersOf((await stream.answers([1, 3])).get(1)!.outputs[0].raw)).toEqual([7]);
  await stream.end();
  expect(await wrap.exited).toEqual({ code: 0, signal: null });
  expect(readdirSync(join(opened.folder, 'state')).filter((name) => name.startsWith('m.sock'))).toEqual([]);
});

/** A project whose predictor hangs from now on. */
async function hanging(wrapper?: string): Promise<{ wrap: Wrap; socket: string }> {
  const wrap = (await project(SUM, wrapper === undefined ? {} : { wrapper })).wrap();
  const { address } = await wrap.loaded();
  const stream = connect(address).stream();
  stream.sendParts([part(1, [1, 2])]);
  await stream.answers([1]);
  stream.sendParts([part(2, [1, 2], { do: 'print' }), part(3, [1, 2], { do: 'hang' })]);
  await wrap.logged(/printed by the researcher/);
  return { wrap, socket: address.slice('unix:'.length) };
}

test('SIGTERM while the predictor hangs: the child is killed after hangAfter, its socket is gone, and the exit code is 0', async () => {
  const { wrap, socket } = await hanging('hangAfter: 1s');
  wrap.kill('SIGTERM');
  expect(await wrap.exited).toEqual({ code: 0, signal: null });
  expect(wrap.log).toContain('gave no heartbeat for 1000 ms');
  expect(existsSync(socket)).toBe(false);
});

test('SIGTERM between a killed child and the next one: the socket that it left is gone', async () => {
  const wrap = (await project(SUM)).wrap();
  const { pid, address } = await wrap.loaded();
  process.kill(pid, 'SIGKILL');
  await wrap.logged(/the next one starts in 100 ms/);
  wrap.kill('SIGTERM');
  expect(await wrap.exited).toEqual({ code: 0, signal: null });
  expect(existsSync(address.slice('unix:'.length))).toBe(false);
});

test('SIGTERM after SIGINT is the same end: at Ctrl-C a wrapper hears both, one of them from `tandem dev`', async () => {
  const { wrap, socket } = await hanging('hangAfter: 1s');
  wrap.kill('SIGINT');
  await wrap.logged(/draining/);
  wrap.kill('SIGTERM');
  expect(await wrap.exited).toEqual({ code: 0, signal: null });
  expect(existsSync(socket)).toBe(false);
});

test('the same signal again ends it at once, and a predictor that hangs with it', async () => {
  const { wrap } = await hanging();
  wrap.kill('SIGINT');
  await wrap.logged(/draining/);
  wrap.kill('SIGINT');
  // Settles only when the child has ended, too.
  expect(await wrap.exited).toEqual({ code: 130, signal: null });
});

test('a supervisor that is killed takes its child with it', async () => {
  const wrap = (await project(SUM)).wrap();
  await wrap.loaded();
  wrap.kill('SIGKILL');
  // The child holds the same stderr, so that it closes only when both are gone.
  expect(await wrap.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a stale socket file is replaced', async () => {
  const opened = await project(SUM);
  const wrap = opened.wrap();
  const { pid } = await wrap.loaded();
  // Stopped, it cannot clean up: what is left is what a machine that lost its power leaves.
  process.kill(pid, 'SIGSTOP');
  wrap.kill('SIGKILL');
  process.kill(pid, 'SIGKILL');
  await wrap.exited;
  expect(statSync(join(opened.folder, 'state', 'm.sock')).isSocket()).toBe(true);
  const { address } = await opened.wrap().loaded();
  expect(await sum(connect(address))).toEqual([3]);
});

test('a socket on which somebody listens is an error, and stays theirs', async () => {
  const opened = await project(SUM);
  await mkdir(join(opened.folder, 'state'));
  const path = join(opened.folder, 'state', 'm.sock');
  const server = createServer((socket) => socket.destroy()).listen(path);
  cleanups.push(() => void server.close());
  await once(server, 'listening');
  const wrap = opened.wrap();
  expect((await wrap.exited).code).toBe(1);
  expect(wrap.log).toContain("is this model's wrapper running already?");
  expect(statSync(path).isSocket()).toBe(true);
});

test('the socket has the mode of the YAML, and what the predictor prints is not on stdout', async () => {
  const opened = await project(SUM, { wrapper: 'socketMode: "0660"' });
  const wrap = opened.wrap();
  const { address } = await wrap.loaded();
  const modes = socketsOf(address).map((path) => statSync(path).mode & 0o777);
  expect(modes).toEqual([0o660, 0o660]);
  const stream = connect(address).stream();
  stream.sendParts([part(1, [1, 2], { do: 'print' })]);
  await stream.answers([1]);
  await stream.end();
  // Every line of stdout was read as an event: a print among them would have failed to parse.
  await wrap.logged(/printed by the researcher/);
});

test('a socket path that the kernel would cut is in the temp folder, and the event tells where', async () => {
  const opened = await project(SUM);
  const stateDir = join(opened.folder, 'x'.repeat(100));
  const wrap = opened.wrap('--state-dir', stateDir);
  const { address } = await wrap.loaded();
  expect(address).toMatch(/tandem-[0-9a-f]{24}\.sock$/);
  expect(await sum(connect(address))).toEqual([3]);
  wrap.kill('SIGTERM');
  expect((await wrap.exited).code).toBe(0);
});

test('host:port serves without a socket', async () => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  listener.close();
  await once(listener, 'close');
  const wrap = (await project(SUM, { wrapper: `address: "127.0.0.1:${port}"` })).wrap();
  const { address } = await wrap.loaded();
  expect(address).toBe(`127.0.0.1:${port}`);
  expect(await sum(connect(address))).toEqual([3]);
});

test('wrong usage exits 2, a problem of the YAML exits 1, each with its sentence', async () => {
  const two = tandemYaml({}).replace('models:\n', 'models:\n  n:\n    features: [instance.a]\n');
  const opened = await project(SUM, { yaml: two });
  const missing = opened.wrap();
  const unknown = opened.wrap('--model', 'x');
  const bare = opened.wrap('--model', 'n');
  const codes = await Promise.all([missing, unknown, bare].map(async ({ exited }) => (await exited).code));
  expect(codes).toEqual([2, 2, 1]);
  expect(missing.log).toContain('The file has 2 models; choose one: --model n | m');
  expect(unknown.log).toContain('There is no model "x"; there are n, m.');
  expect(bare.log).toContain(
    'models.n.wrapper names no predictor: a .ts, .js or .py file, or onnx, lightgbm, xgboost, sklearn.',
  );
  await opened.write('tandem.yaml', `${two}extra: 1\n`);
  const wrong = opened.wrap();
  expect((await wrong.exited).code).toBe(1);
  expect(wrong.log).toMatch(/tandem\.yaml:\d+:1 error /);
});
