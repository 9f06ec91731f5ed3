import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureLibraries } from '../wrapper/python-models.ts';
import { startDev } from './start-dev.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/flights/', import.meta.url));
const BOARDS = 200;
const CALLERS = 8;
/** onnxruntime of two languages adds float32 in its own order. */
const TOLERANCE = 1e-5;
/** Not what is tested here: on a busy machine nothing may be late. */
const PATIENT = `
models: { delay-risk: { deadline: 60s, budget: { features: 30s, model: 30s } } }
services: { weather: { timeout: 10s } }
`;

let folder: string;
let python: string;
let boards: string[];
/** What the class in TypeScript answers. */
let expected: number[][];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-runtimes-'));
  python = await ensureLibraries();
  boards = (await readFile(join(EXAMPLE, 'boards.jsonl'), 'utf8')).trimEnd().split('\n');
  expected = await predictionsOf('tandem.yaml');
}, 180_000);
afterAll(() => rm(folder, { recursive: true }));

test.each([
  { model: 'the class in Python', file: 'tandem.yaml', overlays: [join(EXAMPLE, 'python.yaml')] },
  { model: 'the model alone in Node', file: 'onnx.yaml', overlays: [] },
  {
    model: 'the model alone in Python',
    file: 'onnx.yaml',
    overlays: ['models: { delay-risk: { wrapper: { python: "${PYTHON}" } } }'],
  },
])(
  '$model predicts for 200 boards what the class in TypeScript does',
  async ({ file, overlays }) => {
    const predictions = await predictionsOf(file, overlays);
    expect(predictions.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
    const differences = predictions.flat().map((prediction, at) => Math.abs(prediction - expected.flat()[at]));
    expect(Math.max(...differences)).toBeLessThanOrEqual(TOLERANCE);
  },
  120_000,
);

/** What LightGBM itself predicts: the airlines are the callers' texts, whose codes it has in its own file. */
const LIGHTGBM = `
import json, sys
import lightgbm
import pandas

booster = lightgbm.Booster(model_file=sys.argv[1])
given = json.load(sys.stdin)
table = pandas.DataFrame(given["features"], dtype=float)
table["carrier"] = pandas.Categorical(given["carriers"], categories=booster.pandas_categorical[0])
print(json.dumps(booster.predict(table).tolist()))
`;

test('LightGBM behind lightgbm.yaml predicts for 200 boards what it predicts of the same features by itself', async () => {
  await using example = await openExample('tandem.yaml', [join(EXAMPLE, 'lightgbm.yaml')]);
  const predictions = (await example.ask<Answer>('predict')).flatMap((answer) => answer.predictions);
  const gathered = await example.ask<{ features: { name: string; values: (number | null)[] }[] }>('features');
  const names = gathered[0].features.map(({ name }) => name);
  const features = Object.fromEntries(
    names.map((name, at) => [name, gathered.flatMap((answer) => answer.features[at].values)]),
  );
  const carriers = boards.flatMap((board) =>
    (JSON.parse(board) as { instances: { carrier: string }[] }).instances.map(({ carrier }) => carrier),
  );
  const told = spawnSync(python, ['-c', LIGHTGBM, join(EXAMPLE, 'lightgbm', 'model.txt')], {
    input: JSON.stringify({ features, carriers }),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const differences = (JSON.parse(told.stdout) as number[]).map((risk, at) => Math.abs(risk - predictions[at]));
  expect(differences).toHaveLength(carriers.length);
  expect(Math.max(...differences)).toBeLessThanOrEqual(1e-9);
}, 120_000);

interface Answer {
  predictions: number[];
  fallback?: string;
  errors?: unknown;
}

async function predictionsOf(file: string, overlays: readonly string[] = []): Promise<number[][]> {
  await using example = await openExample(file, overlays);
  const answers = await example.ask<Answer>('predict');
  for (const { fallback, errors } of answers) expect([fallback, errors]).toEqual([undefined, undefined]);
  return answers.map(({ predictions }) => predictions);
}

let opened = 0;

/** The example of a file; an overlay is a file, or YAML itself. */
async function openExample(file: string, overlays: readonly string[]) {
  const state = join(folder, `${opened++}`);
  const files: string[] = [];
  for (const [at, overlay] of [PATIENT, ...overlays].entries()) {
    files.push(overlay.endsWith('.yaml') ? overlay : `${state}-${at}.yaml`);
    if (!overlay.endsWith('.yaml')) await writeFile(files[at], overlay);
  }
  const dev = await startDev(join(EXAMPLE, file), state, { overlays: files, environment: { PYTHON: python } });
  return {
    /** The answers of all boards, in their order. */
    async ask<Told>(verb: string): Promise<Told[]> {
      const answers: Told[] = [];
      let next = 0;
      const call = async (): Promise<void> => {
        while (next < BOARDS) {
          const at = next++;
          const url = `${dev.http}/v1/models/delay-risk:${verb}`;
          const response = await fetch(url, { method: 'POST', body: boards[at] });
          expect(response.status).toBe(200);
          answers[at] = (await response.json()) as Told;
        }
      };
      await Promise.all(Array.from({ length: CALLERS }, call));
      return answers;
    },
    [Symbol.asyncDispose]: () => dev.stop(),
  };
}
