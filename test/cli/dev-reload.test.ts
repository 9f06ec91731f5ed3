import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ask, type Told } from '../e2e/ask.ts';
import { wrapsOf } from '../e2e/processes.ts';
import { projectFolder } from '../e2e/serve-project.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const yaml = (features: string, more = ''): string => `
version: 1
project: p
inputs: { instance: { km: double, h: double } }
models:
  m: { features: [${features}], wrapper: { predictor: ./predictor.ts } }
${more}
server: { http: { port: 0 }, admin: { port: 0 } }
`;
const predictor = (factor: number): string => `
export default class Sum {
  predict({ rows, matrix, features }) {
    const width = features.length;
    return Float64Array.from({ length: rows }, (_, row) =>
      ${factor} * matrix.subarray(row * width, row * width + width).reduce((sum, value) => sum + value, 0));
  }
}
`;

let cleanUp: AsyncDisposableStack;
let folder: string;
let http: string;
let dev: ChildProcess;
let lines: string[];
let heard: (line: string) => void;

beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  const files = { 'tandem.yaml': yaml('instance.km'), 'predictor.ts': predictor(1) };
  folder = cleanUp.use(await projectFolder(files)).folder;
  lines = [];
  heard = () => undefined;
  dev = spawn(process.execPath, [MAIN, 'dev', join(folder, 'tandem.yaml')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(dev, 'exit');
  cleanUp.defer(async () => {
    dev.kill('SIGTERM');
    await exited;
  });
  for (const stream of [dev.stdout!, dev.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      heard(line);
    });
  }
  const listening = await said(/"event":"listening"/);
  http = (JSON.parse(listening) as { http: string }).http;
  await said(/"event":"ready"/);
});
afterEach(() => cleanUp.disposeAsync());

/** The first line of either stream that matches, also one that came before. */
async function said(pattern: RegExp): Promise<string> {
  for (;;) {
    const found = lines.find((line) => pattern.test(line));
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => (heard = () => resolve()));
  }
}

/** Forgets what was said, and saves. */
async function save(name: string, text: string): Promise<void> {
  lines.length = 0;
  await writeFile(join(folder, name), text);
}

const predict = (model: string): Promise<Told> =>
  ask(http, { path: `/v1/models/${model}:predict`, body: { instances: [{ km: 2, h: 3 }] } });

it('answers with a predictor as it was saved last, and with a feature that was added', async () => {
  expect((await predict('m')).json).toEqual({ predictions: [2] });
  await save('predictor.ts', predictor(10));
  await said(/predictor\.ts changed: the model is loaded again/);
  await said(/the model is ready/);
  expect((await predict('m')).json).toEqual({ predictions: [20] });
  await save('tandem.yaml', yaml('instance.km, instance.h'));
  await said(/"msg":"reloaded"/);
  expect((await predict('m')).json).toEqual({ predictions: [50] });
});

it('starts the wrapper of a model that is new, and stops that of one which is gone', async () => {
  await writeFile(join(folder, 'other.ts'), predictor(3));
  await save('tandem.yaml', yaml('instance.km', '  n: { features: [instance.h], wrapper: { predictor: ./other.ts } }'));
  await said(/"model":"n","msg":"its wrapper starts"/);
  await said(/"msg":"reloaded"/);
  expect((await predict('n')).json).toEqual({ predictions: [9] });
  await save('tandem.yaml', yaml('instance.km'));
  await said(/"model":"n","msg":"its wrapper stops"/);
  expect((await predict('n')).json['code']).toBe('UNKNOWN_MODEL');
  expect((await predict('m')).json).toEqual({ predictions: [2] });
});

it('tells the problems of a bad file as check does, and answers on', async () => {
  await save('tandem.yaml', yaml('instance.kn'));
  expect(await said(/instance\.kn/)).toMatch(/tandem\.yaml:6:\d+ error \S+ .*instance\.kn/);
  await said(/"msg":"the configuration was not taken/);
  expect((await predict('m')).json).toEqual({ predictions: [2] });
});

it('starts a wrapper again that was killed', async () => {
  lines.length = 0;
  const [wrapper] = wrapsOf(dev.pid!, 'm');
  process.kill(wrapper, 'SIGKILL');
  expect(await said(/its wrapper was killed by SIGKILL/)).toContain('"model":"m"');
  await said(/"event":"loaded"/);
  let answered: Told;
  do answered = await predict('m');
  while (answered.json['code'] === 'WRAPPER_UNAVAILABLE');
  expect(answered.json).toEqual({ predictions: [2] });
});
