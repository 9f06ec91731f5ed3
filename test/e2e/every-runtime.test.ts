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

let opened = 0;

/** The predictions of every board; an overlay is a file, or YAML itself. */
async function predictionsOf(file: string, overlays: readonly string[] = []): Promise<number[][]> {
  const state = join(folder, `${opened++}`);
  const files = [];
  for (const [at, overlay] of [PATIENT, ...overlays].entries()) {
    files.push(overlay.endsWith('.yaml') ? overlay : `${state}-${at}.yaml`);
    if (!overlay.endsWith('.yaml')) await writeFile(files[at], overlay);
  }
  const dev = await startDev(join(EXAMPLE, file), state, { overlays: files, environment: { PYTHON: python } });
  try {
    const predictions: number[][] = [];
    let next = 0;
    const call = async (): Promise<void> => {
      while (next < BOARDS) {
        const at = next++;
        const response = await fetch(`${dev.http}/v1/models/delay-risk:predict`, { method: 'POST', body: boards[at] });
        const answer = (await response.json()) as { predictions: number[]; fallback?: string; errors?: unknown };
        expect([response.status, answer.fallback, answer.errors]).toEqual([200, undefined, undefined]);
        predictions[at] = answer.predictions;
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, call));
    return predictions;
  } finally {
    await dev.stop();
  }
}
