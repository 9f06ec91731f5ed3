import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDev } from '../e2e/start-dev.ts';
import { ensurePython } from '../python.ts';
import { readPages, ROOT, tableRows } from './markdown.ts';

const page = (await readPages()).find(({ file }) => file === 'docs/python.md')!;
const blockOf = (language: string): string => page.blocks.find((block) => block.language === language)!.text;
const mistakes = tableRows(page, '`predictor.py`', 'the log says');

let folder: string;
let python: string;
beforeAll(async () => {
  python = await ensurePython();
  folder = await mkdtemp(join(tmpdir(), 'tandem-python-'));
  await mkdir(join(folder, 'model'));
  await writeFile(join(folder, 'model', 'weights.json'), '{"bias": -1, "weights": [0.001, 2]}');
  await writeFile(join(folder, 'tandem.yaml'), blockOf('yaml').replace('python: python3', `python: ${python}`));
});
afterAll(() => rm(folder, { recursive: true }));

test('the class of the page answers behind the YAML of the page', async () => {
  await writeFile(join(folder, 'predictor.py'), blockOf('python'));
  const dev = await startDev(join(folder, 'tandem.yaml'), join(folder, 'state'));
  const instances = [
    { distance: 1000, late_share: 0.5 },
    { distance: 200, late_share: null },
  ];
  const response = await fetch(`${dev.http}/v1/models/late-risk:predict`, {
    method: 'POST',
    body: JSON.stringify({ instances }),
  });
  const { predictions } = (await response.json()) as { predictions: number[] };
  await dev.stop();
  const risk = (score: number): number => 1 / (1 + Math.exp(-score));
  expect(predictions).toEqual([risk(-1 + 1 + 1), risk(-1 + 0.2)].map((each) => expect.closeTo(each, 12) as number));
});

test.each(mistakes.map(([source, said]) => [source, said]))('%s is told as the page says', async (source, said) => {
  const lines = source.split('<br>').map((line) => line.replaceAll('`', ''));
  await writeFile(join(folder, 'predictor.py'), `${lines.join('\n')}\n`);
  const words = [join(ROOT, 'cli', 'main.ts'), 'check', '--load', join(folder, 'tandem.yaml')];
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect(stdout).toContain(said.replace(/\.$/, ''));
  expect(status).toBe(1);
});
