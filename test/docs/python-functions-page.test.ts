import { spawnSync } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../e2e/start-dev.ts';
import { ensurePython } from '../python.ts';
import { readPages, ROOT } from './markdown.ts';

const page = (await readPages()).find(({ file }) => file === 'docs/python.md')!;
const blockOf = (mark: string | undefined, language: string): string =>
  page.blocks.find((block) => block.mark === mark && block.language === language)!.text;

test('the functions of the page make the features of its YAML, and a batch has the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-functions-'));
  try {
    await mkdir(join(folder, 'model'));
    const instances = [
      { departs: '2013-06-07T22:30:00Z', distance: 1000, tail: 'N123AA' },
      { departs: '2013-06-07T12:00:00Z', distance: null, tail: null },
    ];
    const files = {
      'features.py': blockOf('features.py', 'python'),
      'predictor.py': blockOf(undefined, 'python'),
      'tandem.yaml': blockOf('functions.yaml', 'yaml').replace('python: python3', `python: ${await ensurePython()}`),
      'rows.jsonl': instances.map((each) => JSON.stringify(each)).join('\n'),
      'model/weights.json': '{"bias": 0, "weights": [1, 0, 0]}',
    };
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), `${text}\n`)));
    const dev = await startDev(join(folder, 'tandem.yaml'), join(folder, 'state'));
    const response = await fetch(`${dev.http}/v1/models/late-risk:features`, {
      method: 'POST',
      body: JSON.stringify({ instances }),
    });
    const answered = (await response.json()) as { features: { name: string; values: (number | null)[] }[] };
    await dev.stop();
    const values = Object.fromEntries(answered.features.map((each) => [each.name, each.values]));
    expect(values).toEqual({
      rush: [expect.closeTo(0.6 * Math.exp(-0.25), 12), null],
      'instance.distance': [1000, null],
      family: [0, null],
    });
    const [file, rows, out] = ['tandem.yaml', 'rows.jsonl', 'out.jsonl'].map((name) => join(folder, name));
    const words = [join(ROOT, 'cli', 'main.ts'), 'batch', file, '--instances', rows, '--out', out];
    expect(spawnSync(process.execPath, words, { encoding: 'utf8' })).toMatchObject({ status: 0 });
    const batched = (await readFile(out, 'utf8')).trim().split('\n');
    expect(batched.map((line) => (JSON.parse(line) as { rush: number | null }).rush)).toEqual(values['rush']);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
