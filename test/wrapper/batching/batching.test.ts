import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PartAnswer } from '../../../proto/parts.ts';
import { connectTo, numbersOf, part, type WireClient } from '../wire-client.ts';
import { openPythonProject } from '../python-project.ts';
import { openProject, type Project } from '../wrap-process.ts';

/** Each row's `a + b` and the rows that `predict` saw; a negative sum fails the call, `block` takes 30 ms. */
const TYPESCRIPT = `
export default class Seen {
  predict({ rows, matrix, parameters }) {
    const sum = Float64Array.from({ length: rows }, (_, row) => matrix[row * 2] + matrix[row * 2 + 1]);
    if (sum.some((value) => value < 0)) throw new Error('a negative sum');
    const end = performance.now() + (parameters.do === 'block' ? 30 : 0);
    while (performance.now() < end);
    return { sum, rows: new Float64Array(rows).fill(rows), text: Array.from(sum, String) };
  }
}
`;
const PYTHON = `
import time

import numpy as np


class Seen:
    def predict(self, request):
        sums = request.matrix.sum(axis=1)
        if (sums < 0).any():
            raise ValueError("a negative sum")
        if request.parameters.get("do") == "block":
            time.sleep(0.03)
        return {"sum": sums, "rows": np.full(request.rows, request.rows), "text": [f"{value:g}" for value in sums]}
`;

describe.each([
  { language: 'TypeScript', open: (wrapper: string) => openProject(TYPESCRIPT, { wrapper }) },
  { language: 'Python', open: (wrapper: string) => openPythonProject(PYTHON, { wrapper }) },
])('calls of a predictor in $language that are computed together', ({ open }) => {
  let project: Project;
  let client: WireClient;
  beforeAll(async () => {
    project = await open('batching: { maxRows: 20, maxWait: 20ms }');
    client = connectTo((await project.wrap().loaded()).address);
  });
  afterAll(async () => {
    client.close();
    await project.close();
  });

  /** Sends them behind one that blocks, so that they wait together. */
  async function behindOne(parts: ReturnType<typeof part>[]): Promise<Map<number, PartAnswer>> {
    const stream = client.stream();
    stream.sendParts([part(1, [0, 0], { do: 'block' })]);
    stream.sendParts(parts);
    const answers = await stream.answers([1, ...parts.map(({ id }) => id)]);
    await stream.end();
    return answers;
  }

  const output = (answers: Map<number, PartAnswer>, id: number, at: number): number[] =>
    numbersOf(answers.get(id)!.outputs[at].raw);

  test('get their own rows back, numbers and texts, and never more rows are together than `maxRows`', async () => {
    const ids = Array.from({ length: 50 }, (_, at) => at + 2);
    const answers = await behindOne(ids.map((id) => part(id, [id, 1, id, 2])));
    expect(ids.map((id) => output(answers, id, 0))).toEqual(ids.map((id) => [id + 1, id + 2]));
    const seen = ids.map((id) => output(answers, id, 1)[0]);
    expect(Math.max(...seen)).toBeGreaterThan(2);
    expect(Math.max(...seen)).toBeLessThanOrEqual(20);
    const texts = ids.map((id) => Buffer.from(answers.get(id)!.outputs[2].raw).toString('latin1'));
    expect(texts.every((text, at) => text.includes(String(ids[at] + 1)) && text.includes(String(ids[at] + 2)))).toBe(
      true,
    );
  });

  test('fail alone: the others of their batch are answered', async () => {
    const answers = await behindOne([part(2, [1, 1]), part(3, [-5, 1]), part(4, [2, 2])]);
    expect([2, 3, 4].map((id) => answers.get(id)!.status)).toEqual([0, 13, 0]);
    expect([2, 4].map((id) => output(answers, id, 0))).toEqual([[2], [4]]);
  });

  test('are together only with the same parameters', async () => {
    const calls = [part(2, [1, 1], { k: 1 }), part(3, [2, 2], { k: 2 }), part(4, [3, 3], { k: 1 })];
    const answers = await behindOne(calls);
    expect([2, 3, 4].map((id) => output(answers, id, 1))).toEqual([[2], [1], [2]]);
  });

  test('are not begun when their deadline has passed', async () => {
    const answers = await behindOne([part(2, [1, 1], undefined, 5000), part(3, [2, 2])]);
    expect([2, 3].map((id) => answers.get(id)!.status)).toEqual([4, 0]);
  });
});

test.each([
  {
    language: 'TypeScript',
    open: (wrapper: string) => openProject(atomic(TYPESCRIPT, 'predict(', 'atomic = true;\n  '), { wrapper }),
  },
  {
    language: 'Python',
    open: (wrapper: string) => openPythonProject(atomic(PYTHON, 'def predict', 'atomic = True\n\n    '), { wrapper }),
  },
])('an atomic predictor in $language is not loaded with batching', async ({ open }) => {
  const project = await open('batching: {}');
  try {
    const line = await project.wrap().logged(/atomic/);
    expect(line).toContain('the predictor says that it is `atomic`; one of the two has to go.');
  } finally {
    await project.close();
  }
});

const atomic = (source: string, before: string, line: string): string => source.replace(before, `${line}${before}`);
