import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../e2e/serve-project.ts';
import { tandem } from './tandem.ts';

const MODELS = fileURLToPath(new URL('../check-load/', import.meta.url));

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

const HEAD = `version: 1
project: p
inputs:
  instance: { km: double, seats: int64, carrier: string }
models:
`;

/** Reads its model itself, as a class does that has an evaluator of its own. */
const TREES = `import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
export default class Trees {
  async load(folder: string): Promise<void> {
    if (!(await readFile(join(folder, 'named.txt'), 'utf8')).startsWith('tree')) throw new Error('no trees');
    console.log('loaded');
  }
  predict({ rows }: { rows: number }): Float64Array {
    return new Float64Array(rows);
  }
}
`;

/** What `tandem check --load` says of these models; `%` stands for the project's folder. */
async function checkLoad(
  models: string,
  files: { sources?: Record<string, string>; copied?: string[]; flags?: string[] } = {},
): Promise<{ exit: number | null; lines: string[]; err: string }> {
  const { sources = {}, copied = [], flags = [] } = files;
  await using project = await projectFolder({ 'tandem.yaml': HEAD + models, ...sources });
  const { folder } = project;
  await Promise.all(copied.map((name) => cp(join(MODELS, name), join(folder, name))));
  const { exit, out, err } = await tandem('check', join(folder, 'tandem.yaml'), '--load', ...flags);
  const lines = out
    .trimEnd()
    .replaceAll(`${join(folder, 'tandem.yaml')}:`, '')
    .split('\n');
  return { exit, lines, err };
}

describe('tandem check --load', () => {
  it('loads a class and finds nothing where its features are the model’s', async () => {
    const { exit, lines, err } = await checkLoad(
      `  trees:
    features:
      - { name: distance, from: instance.km }
      - { name: plane.seats, from: instance.seats }
      - { name: carrier, from: instance.carrier, categories: [AA, B6, DL] }
    wrapper: { predictor: ./trees.ts }
`,
      { sources: { 'trees.ts': TREES }, copied: ['named.txt'] },
    );
    expect({ exit, err }).toEqual({ exit: 0, err: 'loaded\n' });
    expect(lines).toEqual([expect.stringMatching(/is in order, and its models fit: 1 model/)]);
  });

  it('shows how the features of a class differ from what its LightGBM text names', async () => {
    const { exit, lines } = await checkLoad(
      `  trees:
    features:
      - { name: plane.seats, from: instance.seats }
      - { name: distance, from: instance.km }
      - { name: carrier, from: instance.carrier, categories: [AA, DL, B6] }
    wrapper: { predictor: ./trees.ts }
`,
      { sources: { 'trees.ts': TREES }, copied: ['named.txt'] },
    );
    expect({ exit, lines }).toEqual({
      exit: 1,
      lines: [
        '8:9 error MODEL_FEATURE_ORDER the features are in another order than the inputs of named.txt: `plane.seats` is 1, not 2, `distance` is 2, not 1',
        '10:9 error MODEL_CATEGORIES code 1 of `carrier` is "DL" in the YAML and "B6" in named.txt, which has "AA", "B6", "DL"',
      ],
    });
  });

  it('compares the width of an ONNX matrix, and the names and types of ONNX inputs', async () => {
    const { exit, lines } = await checkLoad(
      `  matrix:
    features: [instance.km]
    wrapper: { predictor: onnx, modelUri: matrix.onnx }
  columns:
    features:
      - { name: distance, from: instance.carrier, default: none }
      - { name: plane.seats, from: instance.km }
      - { name: carrier, from: instance.seats }
    wrapper: { tensors: columns, modelUri: columns.onnx }
`,
      { copied: ['matrix.onnx', 'columns.onnx'] },
    );
    expect({ exit, lines }).toEqual({
      exit: 1,
      lines: [
        '7:5 error MODEL_FEATURES matrix.onnx takes 2 columns, and the YAML lists 1',
        '11:9 error MODEL_FEATURE_TYPE `distance` goes as text, and columns.onnx takes a number',
        '12:9 warning MODEL_FEATURE_TYPE `plane.seats` is a double, and columns.onnx takes whole numbers',
        '13:9 error MODEL_FEATURE_TYPE `carrier` goes as a number, and columns.onnx takes text',
      ],
    });
  });

  it('reads what scikit-learn names in a skops file', async () => {
    const { exit, lines } = await checkLoad(
      `  pipeline:
    features:
      - { name: distence, from: instance.km }
      - { name: plane.seats, from: instance.seats }
    wrapper: { modelUri: pipeline.skops }
`,
      { copied: ['pipeline.skops'] },
    );
    expect({ exit, lines }).toEqual({
      exit: 1,
      lines: [
        '7:5 error MODEL_FEATURES `distance` is missing: it is input 1 of pipeline.skops, is it `distence`?',
        '8:9 error MODEL_FEATURES `distence` is too much: pipeline.skops has no such input, did you mean `distance`?',
      ],
    });
  });

  it('tells of a predictor that fails, ends its process or hangs, each at its place, and goes on', async () => {
    const { exit, lines, err } = await checkLoad(
      `  throws:
    features: [instance.km]
    wrapper: { predictor: ./throws.ts }
  ends:
    features: [instance.km]
    wrapper: { predictor: ./ends.ts }
  hangs:
    features: [instance.km]
    wrapper: { predictor: ./hangs.ts }
  absent:
    features: [instance.km]
    wrapper: { predictor: ./throws.ts, modelUri: nowhere }
`,
      {
        sources: {
          'throws.ts': "export default class A { load() { throw new Error('no such weights'); } predict() {} }",
          'ends.ts': 'export default class A { load() { process.exit(3); } predict() {} }',
          'hangs.ts': 'export default class A { load() { for (;;); } predict() {} }',
        },
        flags: ['--load-timeout', '3s'],
      },
    );
    expect({ exit, lines }).toEqual({
      exit: 1,
      lines: [
        '8:27 error MODEL_LOAD `load` of throws.ts failed: no such weights',
        '11:27 error MODEL_LOAD the process that loaded the model ended with code 3 before the model was there; what it said is above',
        '14:27 error MODEL_LOAD the model did not load within 3s (--load-timeout)',
        '17:50 error MODEL_LOAD modelUri names nowhere, which does not exist',
      ],
    });
    expect(err).toMatch(/Error: no such weights\n +at A\.load \(.*throws\.ts:1:/);
  });

  it('takes a predictor that loads without end with it when a signal ends it', async () => {
    const source = "export default class A { load() { process.stderr.write('looping\\n'); for (;;); } predict() {} }";
    await using project = await projectFolder({
      'tandem.yaml': `${HEAD}  loops: { features: [instance.km], wrapper: { predictor: ./loops.ts } }\n`,
      'loops.ts': source,
    });
    const child = spawn(process.execPath, [MAIN, 'check', 'tandem.yaml', '--load'], {
      cwd: project.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
    for await (const line of createInterface(child.stderr)) if (line === 'looping') child.kill('SIGINT');
    // Both write to the pipe, which has ended: neither runs any more.
    expect(await exited).toEqual([null, 'SIGINT']);
  });

  it('warns of a file that cannot be read, and of none where one of several agrees', async () => {
    const { exit, lines } = await checkLoad(
      `  damaged:
    features: [instance.km]
    wrapper: { modelUri: model.skops }
  several:
    features: [instance.km, instance.seats]
    wrapper: { modelUri: . }
`,
      { sources: { 'model.skops': 'not a zip at all, by any means' }, copied: ['unnamed.txt', 'pipeline.skops'] },
    );
    expect({ exit, lines }).toEqual({
      exit: 0,
      lines: ['8:26 warning MODEL_UNREAD model.skops cannot be compared with the features: it is no zip'],
    });
  });

  it('runs nothing of a file that does not check', async () => {
    const { exit, lines, err } = await checkLoad(
      `  m:
    features: [instance.miles]
    wrapper: { predictor: ./throws.ts }
`,
      { sources: { 'throws.ts': "throw new Error('was run')" } },
    );
    expect(exit).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^7:16 error UNKNOWN_FEATURE /)]);
    expect(err).not.toContain('was run');
  });
});
