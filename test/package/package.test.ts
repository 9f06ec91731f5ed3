import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPackage, ROOT, type InstalledPackage } from './installed-package.ts';

const run = promisify(execFile);

const YAML = `
version: 1
project: p
inputs: { instance: { a: double, b: double } }
models:
  sum:
    features: [instance.a, instance.b]
    wrapper: { predictor: ./predictor.js }
server: { stateDir: state }
`;

const PREDICTOR = `
export default class Sum {
  predict({ rows, matrix }) {
    return Array.from({ length: rows }, (_, row) => matrix[2 * row] + matrix[2 * row + 1]);
  }
}
`;

const TYPED = `
import type { Predictor, PredictRequest } from 'tandem-serving';
export default class Ones implements Predictor {
  predict({ rows }: PredictRequest): Float64Array {
    return new Float64Array(rows).fill(1);
  }
}
`;

let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage();
  await writeFile(join(installed.project, 'package.json'), '{ "type": "module" }');
  await writeFile(join(installed.project, 'tandem.yaml'), YAML);
  await writeFile(join(installed.project, 'predictor.js'), PREDICTOR);
});
afterAll(() => installed[Symbol.asyncDispose]());

test('the package holds every module of ours as JavaScript, the protocol, the reference and nothing else', () => {
  const sources = globSync('{cel,cli,config,data,foundation,orchestrator,proto,wrapper}/**/*.ts', { cwd: ROOT });
  const built = sources.flatMap((path) => [`dist/${path.slice(0, -3)}.js`, `dist/${path.slice(0, -3)}.d.ts`]);
  const others = [
    'dist/proto/inference.proto',
    'config/reference.yaml',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    'package.json',
  ];
  expect([...installed.files].sort()).toEqual([...built, ...others].sort());
});

test('its types are those of a predictor', async () => {
  await writeFile(join(installed.project, 'typed.ts'), TYPED);
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const flags = ['--strict', '--noEmit', '--target', 'es2024', '--module', 'nodenext', '--types', ''];
  const checked = run(process.execPath, [tsc, ...flags, 'typed.ts'], { cwd: installed.project });
  await expect(checked).resolves.toMatchObject({ stdout: '' });
});

test('tandem check reads the example', async () => {
  const example = join(ROOT, 'examples', 'flights', 'tandem.yaml');
  const { stdout } = await run(process.execPath, [installed.tandem, 'check', example]);
  expect(stdout).toMatch(/is in order: 1 model, 6 views, 3 on-demand features\.\n$/);
});

test('tandem serve and tandem wrap answer, and end cleanly', async () => {
  const file = join(installed.project, 'tandem.yaml');
  const wrapper = start('wrap', file);
  const server = start('serve', file, '--port', '0', '--admin-port', '0');
  try {
    const { http } = (await said(server, 'listening')) as { http: string };
    await said(server, 'ready');
    const body = JSON.stringify({
      instances: [
        { a: 1, b: 2 },
        { a: 0.5, b: 0.25 },
      ],
    });
    const answer = await fetch(`http://${http}/v1/models/sum:predict`, { method: 'POST', body });
    expect(await answer.json()).toEqual({ predictions: [3, 0.75] });
  } finally {
    expect(await Promise.all([stop(server), stop(wrapper)])).toEqual([0, 0]);
  }
});

interface Running {
  child: ChildProcess;
  lines: AsyncIterator<string>;
  ended: Promise<[number | null]>;
}

function start(...args: string[]): Running {
  const child = spawn(process.execPath, [installed.tandem, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return { child, lines, ended: once(child, 'exit') as Promise<[number | null]> };
}

/** The next event of a command's stdout, which must be `event`. */
async function said({ lines }: Running, event: string): Promise<unknown> {
  const { value } = (await lines.next()) as { value: string };
  const told = JSON.parse(value) as { event: string };
  expect(told.event).toBe(event);
  return told;
}

async function stop({ child, ended }: Running): Promise<number | null> {
  child.kill('SIGTERM');
  const [code] = await ended;
  return code;
}
