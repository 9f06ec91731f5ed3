import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDev } from '../e2e/start-dev.ts';
import { ensureLibraries } from '../wrapper/python-models.ts';
import { readPages, ROOT, tableRows } from './markdown.ts';

const page = (await readPages()).find(({ file }) => file === 'docs/python.md')!;
const blockOf = (name: string): string => page.blocks.find(({ mark }) => mark === name)!.text;
const differences = tableRows(page, '`features`', '');
const run = promisify(execFile);

let folder: string;
let trained: number[];
beforeAll(async () => {
  const python = await ensureLibraries();
  folder = await mkdtemp(join(tmpdir(), 'tandem-models-'));
  const { stdout } = await run(python, ['-c', blockOf('train.py')], { cwd: folder });
  trained = JSON.parse(stdout) as number[];
  await writeFile(join(folder, 'model.yaml'), blockOf('model.yaml').replace('python: python3', `python: ${python}`));
}, 180_000);
afterAll(() => rm(folder, { recursive: true }));

test('the model of the page answers behind its YAML what its library predicts', async () => {
  const dev = await startDev(join(folder, 'model.yaml'), join(folder, 'state'));
  const instances = [
    { distance: 1000, late_share: 0.5 },
    { distance: 200, late_share: null },
  ];
  const body = JSON.stringify({ instances });
  const response = await fetch(`${dev.http}/v1/models/late-risk:predict`, { method: 'POST', body });
  const { predictions } = (await response.json()) as { predictions: number[] };
  await dev.stop();
  expect(predictions).toEqual(trained.map((each) => expect.closeTo(each, 9) as number));
});

test('it is refused for other features as the table says', async () => {
  const yaml = await readFile(join(folder, 'model.yaml'), 'utf8');
  const model = yaml.slice(yaml.indexOf('  late-risk:'));
  const others = differences.map(([features], at) => {
    const names = features.split(', ').map((name) => name.replaceAll('`', ''));
    let next = 0;
    return model.replace('late-risk', `m${at}`).replaceAll(/name: \w+/g, () => `name: ${names[next++]}`);
  });
  await writeFile(join(folder, 'differs.yaml'), yaml.replace(model, others.join('\n')));
  const words = [join(ROOT, 'cli', 'main.ts'), 'check', '--load', join(folder, 'differs.yaml')];
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  for (const [, said] of differences) expect(stdout).toContain(said);
  expect(status).toBe(1);
});
