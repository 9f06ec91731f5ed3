import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDev, type Dev } from '../e2e/start-dev.ts';
import { ensurePython } from '../python.ts';
import { readPages, ROOT, tableRows } from './markdown.ts';

const page = (await readPages()).find(({ file }) => file === 'docs/python.md')!;
const blockOf = (language: string): string => page.blocks.find((block) => block.language === language)!.text;
/** The blocks of one file of the page, as a notebook has them: one after the other. */
const fileOf = (name: string): string =>
  page.blocks.flatMap(({ mark, text }) => (mark === name ? text : [])).join('\n\n');
const run = promisify(execFile);
const mistakes = tableRows(page, '`predictor.py`', 'the log says');

let folder: string;
let mistaken: string;
let python: string;
let env: NodeJS.ProcessEnv;
let dev: Dev;
beforeAll(async () => {
  python = await ensurePython(new URL('../wrapper/python/requirements.txt', import.meta.url));
  env = { ...process.env, PYTHONPATH: join(ROOT, 'wrapper', 'python') };
  folder = await mkdtemp(join(tmpdir(), 'tandem-python-'));
  // `tandem dev` loads again what changes beside it: mistakes are made elsewhere.
  mistaken = join(folder, 'mistaken');
  for (const project of [folder, mistaken]) {
    await mkdir(join(project, 'model'), { recursive: true });
    await writeFile(join(project, 'model', 'weights.json'), '{"bias": -1, "weights": [0.001, 2]}');
    await writeFile(join(project, 'tandem.yaml'), blockOf('yaml').replace('python: python3', `python: ${python}`));
  }
  await writeFile(join(folder, 'predictor.py'), blockOf('python'));
  dev = await startDev(join(folder, 'tandem.yaml'), join(folder, 'state'));
}, 120_000);
afterAll(async () => {
  await dev.stop();
  await rm(folder, { recursive: true });
});

test('the class of the page answers behind the YAML of the page', async () => {
  const instances = [
    { distance: 1000, late_share: 0.5 },
    { distance: 200, late_share: null },
  ];
  const response = await fetch(`${dev.http}/v1/models/late-risk:predict`, {
    method: 'POST',
    body: JSON.stringify({ instances }),
  });
  const { predictions } = (await response.json()) as { predictions: number[] };
  const risk = (score: number): number => 1 / (1 + Math.exp(-score));
  expect(predictions).toEqual([risk(-1 + 1 + 1), risk(-1 + 0.2)].map((each) => expect.closeTo(each, 12) as number));
});

test('the client of the page prints what the page says', async () => {
  const source = fileOf('client.py').replaceAll('http://127.0.0.1:8080', dev.http);
  const { stdout } = await run(python, ['-c', source], { env });
  expect(stdout.trimEnd().split('\n')).toEqual(
    Array.from(source.matchAll(/^ *print\(.*\) {2}# (.+)$/gm), ([, said]) => said),
  );
});

test('the tests of the page hold for the class of the page', async () => {
  await writeFile(join(folder, 'test_predictor.py'), fileOf('test_predictor.py'));
  const words = ['-m', 'pytest', '--quiet', '-p', 'no:cacheprovider', 'test_predictor.py'];
  const { stdout } = await run(python, words, { cwd: folder, env });
  expect(stdout).toContain('2 passed');
});

test.each(mistakes.map(([source, said]) => [source, said]))('%s is told as the page says', async (source, said) => {
  const lines = source.split('<br>').map((line) => line.replaceAll('`', ''));
  await writeFile(join(mistaken, 'predictor.py'), `${lines.join('\n')}\n`);
  const words = [join(ROOT, 'cli', 'main.ts'), 'check', '--load', join(mistaken, 'tandem.yaml')];
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect(stdout).toContain(said.replace(/\.$/, ''));
  expect(status).toBe(1);
});
