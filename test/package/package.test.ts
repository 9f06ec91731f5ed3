import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPages } from '../docs/markdown.ts';
import { commandsOf } from '../docs/shell.ts';
import { Walk } from '../docs/walk.ts';
import { ensurePython } from '../python.ts';
import { installPackage, ROOT, type InstalledPackage } from './installed-package.ts';

const run = promisify(execFile);
const FREE_PORTS = ['--port', '0', '--admin-port', '0'];

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
/** A folder below it, of a user who began without `tandem init`. */
let own: string;

beforeAll(async () => {
  installed = await installPackage();
  own = join(installed.project, 'own');
  await mkdir(own);
  await writeFile(join(own, 'package.json'), '{ "type": "module" }');
  await writeFile(join(own, 'tandem.yaml'), YAML);
  await writeFile(join(own, 'predictor.js'), PREDICTOR);
}, 120_000);
afterAll(() => installed[Symbol.asyncDispose]());

test('the package holds every module of ours as JavaScript, the protocol, the reference, the schema, the templates, `tandem_wrapper` and nothing else', () => {
  const sources = globSync('{cel,cli,config,data,foundation,orchestrator,proto,wrapper}/**/*.ts', { cwd: ROOT });
  const built = sources.flatMap((path) => [`dist/${path.slice(0, -3)}.js`, `dist/${path.slice(0, -3)}.d.ts`]);
  const others = [
    'dist/proto/inference.proto',
    'config/reference.yaml',
    'config/schema.json',
    ...globSync('templates/**/*.*', { cwd: ROOT }),
    'templates/articles/gitignore',
    ...globSync('wrapper/python/{pyproject.toml,README.md,tandem_wrapper/**/*.{py,binpb,typed}}', { cwd: ROOT }),
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    'package.json',
  ];
  expect([...installed.files].sort()).toEqual([...built, ...others].sort());
});

test('its types are those of a predictor', async () => {
  await writeFile(join(own, 'typed.ts'), TYPED);
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const flags = ['--strict', '--noEmit', '--target', 'es2024', '--module', 'nodenext', '--types', ''];
  const checked = run(process.execPath, [tsc, ...flags, 'typed.ts'], { cwd: own });
  await expect(checked).resolves.toMatchObject({ stdout: '' });
});

test('tandem check reads the example', async () => {
  const example = join(ROOT, 'examples', 'flights', 'tandem.yaml');
  const { stdout } = await run(process.execPath, [installed.tandem, 'check', example]);
  expect(stdout).toMatch(/is in order: 1 model, 6 views, 3 on-demand features\.\n$/);
});

test('tandem serve and tandem wrap answer, and end cleanly', async () => {
  const file = join(own, 'tandem.yaml');
  const wrapper = start(process.execPath, [installed.tandem, 'wrap', file]);
  const server = start(process.execPath, [installed.tandem, 'serve', file, ...FREE_PORTS]);
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

test('tandem check --load opens a predictor in Python by what the package holds', async () => {
  const wrapper = `{ predictor: ./predictor.py, python: ${await ensurePython()} }`;
  await writeFile(join(own, 'python.yaml'), YAML.replace('{ predictor: ./predictor.js }', wrapper));
  await writeFile(
    join(own, 'predictor.py'),
    'class Sum:\n    def predict(self, request):\n        return request.matrix.sum(axis=1)\n',
  );
  const { stdout } = await run(process.execPath, [installed.tandem, 'check', '--load', join(own, 'python.yaml')]);
  expect(stdout).toContain('is in order, and its models fit');
});

test('docs/first-steps.md: from an empty folder to a feature and a predictor of one’s own', async () => {
  const { project, env } = installed;
  const [install, ...steps] = (await readPages()).find(({ file }) => file === 'docs/first-steps.md')!.blocks;
  const [first, ...rest] = commandsOf(install.text);
  expect(first).toBe('npm install tandem-serving node@24'); // as was done, but from the registry
  await using walk = new Walk(project, env);
  for (const block of [{ ...install, text: rest.join('\n') }, ...steps]) {
    await walk.take(block).catch((cause: Error) => {
      throw new Error(`${block.place} ${cause.message}`, { cause });
    });
  }
  // JSONL fills the store by itself: DuckDB, which reads the other formats, is nobody's dependency here.
  expect(existsSync(join(project, 'node_modules', '@duckdb'))).toBe(false);
}, 60_000);

test('the schema that a new project points its editor to is there', async () => {
  const [first] = (await readFile(join(installed.project, 'tandem.yaml'), 'utf8')).split('\n');
  const path = /\$schema=(.*)$/.exec(first)![1];
  expect(JSON.parse(await readFile(join(installed.project, path), 'utf8'))).toHaveProperty('properties.models');
});

test.each(olderNodes())('an older Node (%s) is refused in a sentence, not by a syntax error', async (older) => {
  const refused = await run(older, [installed.tandem, 'check', 'tandem.yaml']).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect((refused as { stderr: string }).stderr).toMatch(
    /^tandem needs Node 24 or later, and this is Node [\d.]+\. `npm install node@24` puts one into a project.*\n$/,
  );
});

/** The first Node of this machine that is too old, where there is one: the sentence itself has a test of its own. */
function olderNodes(): string[] {
  const there = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  const older = there.filter(existsSync).filter((node) => {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' });
    return Number.parseInt(version.slice(1), 10) < 24;
  });
  return older.slice(0, 1);
}

interface Running {
  child: ChildProcess;
  lines: AsyncIterator<string>;
  ended: Promise<[number | null]>;
}

/** Runs in the project, as a process group of its own: a terminal's Ctrl-C reaches npx and what it runs alike. */
function start(program: string, args: readonly string[]): Running {
  const { project: cwd, env } = installed;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return { child, lines, ended: once(child, 'close') as Promise<[number | null]> };
}

/** The next `event` of a command's stdout; others are passed over. */
async function said({ lines }: Running, event: string): Promise<unknown> {
  for (;;) {
    const { value } = (await lines.next()) as { value: string };
    const told = JSON.parse(value) as { event: string };
    if (told.event === event) return told;
  }
}

async function stop({ child, ended }: Running): Promise<number | null> {
  process.kill(-child.pid!, 'SIGTERM');
  const [code] = await ended;
  return code;
}
