import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it, vi } from 'vitest';
import { ask } from '../e2e/ask.ts';
import { projectFolder, serveProject } from '../e2e/serve-project.ts';
import { ensurePython } from '../python.ts';
import { tandem } from './tandem.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const PREDICTOR = 'export default class A { predict({ matrix }) { return Float64Array.from(matrix); } }';
const near = (file: string, args = 'km: instance.km'): string =>
  `{ type: double, function: '${file}', batch: true, args: { ${args} } }`;

let python: string;
beforeAll(async () => {
  python = await ensurePython();
});

const yaml = (onDemand: Record<string, string>, models = '[near]'): string => `version: 1
project: p
inputs: { instance: { km: double } }
onDemand:
${Object.entries(onDemand)
  .map(([name, feature]) => `  ${name}: ${feature}`)
  .join('\n')}
models:
  m: { features: ${models}, wrapper: { predictor: ./predictor.ts, python: ${python} } }
server: { http: { port: 0 }, admin: { port: 0 } }
`;

it('check tells a file that is not there, and with --load a function that is not, or takes something else', async () => {
  const features = {
    near: near('./features.py:near'),
    far: near('./features.py:far'),
    other: near('./features.py:near', 'miles: instance.km'),
    gone: near('./gone.py:near'),
    broken: near('./broken.py:near'),
    late: near('./features.py:late'),
  };
  await using project = await projectFolder({
    'tandem.yaml': yaml(features, '[near, far, other, gone, broken, late]'),
    'features.py': 'def near(km):\n    return km\n\n\nasync def late(km):\n    return km\n',
    'broken.py': 'import nowhere_to_be_found\n',
    'predictor.ts': PREDICTOR,
  });
  const file = join(project.folder, 'tandem.yaml');
  const linesOf = (out: string): string[] =>
    out
      .trim()
      .split('\n')
      .map((line) => line.replace(/^.*tandem\.yaml:/, ''));
  const gone = "8:35 error FUNCTION_FILE ./gone.py is not there: a function's file is relative to the YAML";
  const plain = await tandem('check', file);
  expect(linesOf(plain.out)).toEqual([gone]);
  expect(plain.exit).toBe(1);
  const loaded = await tandem('check', '--load', file);
  expect(linesOf(loaded.out)).toEqual([
    gone,
    '6:34 error FUNCTION_LOAD features.py has no function `far` (it has near, late)',
    "7:36 error FUNCTION_LOAD `near` of features.py cannot be called with miles: missing a required argument: 'km'",
    `9:37 error FUNCTION_LOAD broken.py imports "nowhere_to_be_found", which is not installed for ${python}`,
    '10:35 error FUNCTION_LOAD `late` of features.py is async; a function answers at once',
  ]);
}, 120_000);

it('a batch whose functions do not load says why, and leaves nothing behind', async () => {
  await using project = await projectFolder({
    'tandem.yaml': yaml({ near: near('./features.py:near') }),
    'features.py': 'raise RuntimeError("no weights")\n',
    'predictor.ts': PREDICTOR,
    'rows.jsonl': '{"km": 1}',
  });
  const [file, rows, out] = ['tandem.yaml', 'rows.jsonl', 'out.jsonl'].map((name) => join(project.folder, name));
  const folders = async (): Promise<string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith('tandem-functions-'));
  const before = await folders();
  const ran = await tandem('batch', file, '--instances', rows, '--out', out);
  expect(ran.exit).toBe(1);
  expect(ran.err).toContain('features.py failed while it was imported: no weights');
  expect(ran.err).toContain('The functions of the model "m" do not load; why is said above.');
  expect((await folders()).filter((name) => !before.includes(name))).toEqual([]);
});

it('a model is ready once its functions are, which may be hosted by themselves', async () => {
  await using project = await projectFolder({
    'tandem.yaml': yaml({ near: near('./features.py:near') }),
    'features.py': 'def near(km):\n    return km * 2\n',
    'predictor.ts': PREDICTOR,
  });
  await using cleanUp = new AsyncDisposableStack();
  const wrap = (part: string): void => {
    const words = ['wrap', join(project.folder, 'tandem.yaml'), '--only', part];
    const child = spawn(process.execPath, [MAIN, ...words], { stdio: 'ignore' });
    const exited = once(child, 'exit');
    cleanUp.defer(async () => {
      child.kill('SIGTERM');
      await exited;
    });
  };
  const { app } = await serveProject(project.folder);
  cleanUp.defer(() => app.drain());
  const readiness = (): ReturnType<typeof ask> => ask(app.listening.http, { path: '/v2/health/ready' });
  wrap('predictor');
  const told = await vi.waitUntil(
    async () => {
      const { status, json } = await readiness();
      return /functions/.test(String(json['error'])) && { status, error: json['error'] };
    },
    { timeout: 20_000 },
  );
  expect(told).toEqual({ status: 503, error: 'The functions of the model "m" are not loaded.' });
  wrap('functions');
  await app.ready;
  expect((await readiness()).status).toBe(200);
  // The wrappers wait for it to leave.
  await app.drain();
}, 60_000);

it('dev answers with a function as it was saved last, and finds the process of other ones before it takes them', async () => {
  await using project = await projectFolder({
    'tandem.yaml': yaml({ near: near('./features.py:near') }),
    'features.py': 'def near(km):\n    return km * 2\n',
    'predictor.ts': PREDICTOR,
  });
  const dev = spawn(process.execPath, [MAIN, 'dev', join(project.folder, 'tandem.yaml')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(dev, 'exit');
  const lines: string[] = [];
  let heard = (): void => undefined;
  for (const stream of [dev.stdout, dev.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      heard();
    });
  }
  const said = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = lines.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (heard = resolve));
    }
  };
  const save = (name: string, text: string): Promise<void> => {
    lines.length = 0;
    return writeFile(join(project.folder, name), text);
  };
  try {
    const { http } = JSON.parse(await said(/"event":"listening"/)) as { http: string };
    const predicted = async (): Promise<unknown> =>
      (await ask(http, { path: '/v1/models/m:predict', body: { instances: [{ km: 3 }] } })).json;
    await said(/"event":"ready"/);
    expect(await predicted()).toEqual({ predictions: [6] });
    await save('features.py', 'def near(km):\n    return km * 3\n\n\ndef far(km, by):\n    return km * by\n');
    await said(/features\.py changed: its functions are loaded again/);
    await said(/the functions are ready/);
    expect(await predicted()).toEqual({ predictions: [9] });
    await save('tandem.yaml', yaml({ near: near('./features.py:far', 'km: instance.km, by: 7.0') }));
    await said(/"msg":"its functions start"/);
    await said(/"msg":"reloaded"/);
    expect(await predicted()).toEqual({ predictions: [21] });
    await said(/"msg":"its functions stop"/);
  } finally {
    dev.kill('SIGTERM');
    await exited;
  }
}, 60_000);
