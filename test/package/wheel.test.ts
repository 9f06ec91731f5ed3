import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensurePython } from '../python.ts';
import { connectTo, numbersOf, part } from '../wrapper/wire-client.ts';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('../../wrapper/python', import.meta.url));
const PREDICTOR = `
class Sum:
    def predict(self, request):
        return request.matrix.sum(axis=1)
`;

let folder: string;
/** A Python that has the wheel, what the lock pins, and nothing else. */
let python: string;
let files: string[];
/** Nothing of a developer's shell: the wheel alone is found. */
const { PYTHONPATH: _path, VIRTUAL_ENV: _venv, ...env } = process.env;

beforeAll(async () => {
  const builder = await ensurePython(new URL('wheel-requirements.txt', import.meta.url));
  folder = await mkdtemp(join(tmpdir(), 'tandem-wheel-'));
  // setuptools builds beside the sources.
  await cp(SOURCE, join(folder, 'source'), { recursive: true });
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--quiet'];
  const build = ['wheel', '--no-deps', '--no-build-isolation', '--wheel-dir', '.', './source'];
  await run(builder, [...pip, ...build], { cwd: folder, env });
  const [wheel] = globSync('*.whl', { cwd: folder });
  const { stdout } = await run(builder, ['-m', 'zipfile', '--list', wheel], { cwd: folder });
  files = stdout.split('\n').flatMap((line) => /^tandem_wrapper\/\S+/.exec(line)?.[0] ?? []);
  await run(builder, ['-m', 'venv', '--without-pip', 'clean'], { cwd: folder });
  python = join(folder, 'clean', 'bin', 'python');
  const install = ['install', '--no-deps', '--no-compile', '-r', join('source', 'requirements.lock'), wheel];
  await run(builder, [...pip, '--python', python, ...install], { cwd: folder, env });
  await writeFile(join(folder, 'predictor.py'), PREDICTOR);
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

test('the wheel has every module, the description of the protocol and the mark that it is typed', () => {
  const modules = globSync('tandem_wrapper/**/*.{py,binpb,typed}', { cwd: SOURCE });
  expect(files.sort()).toEqual(modules.sort());
});

test('python -m tandem_wrapper tells its options', async () => {
  const { stdout } = await run(python, ['-m', 'tandem_wrapper', '--help'], { cwd: folder, env });
  expect(stdout).toContain('--predictor FILE[:CLASS]');
});

test('it hosts a predictor', async () => {
  const address = `unix:${join(folder, 'm.sock')}`;
  const words = ['-m', 'tandem_wrapper', '--predictor', 'predictor.py', '--model', 'm', '--address', address];
  const child = spawn(python, words, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  try {
    const heard: string[] = [];
    for await (const line of createInterface(child.stderr)) {
      heard.push(line);
      if (line.includes('The model is loaded')) break;
    }
    expect(heard.at(-1)).toContain('The model is loaded');
    const client = connectTo(address);
    const stream = client.stream();
    stream.sendParts([part(1, [1, 2, 3, 4])]);
    const answer = (await stream.answers([1])).get(1)!;
    expect(numbersOf(answer.outputs[0].raw)).toEqual([3, 7]);
    await stream.end();
    client.close();
  } finally {
    child.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
});
