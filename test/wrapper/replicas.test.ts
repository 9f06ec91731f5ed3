import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InferResult, ModelClient } from '../../orchestrator/model/client.ts';
import { openModelClient } from '../../orchestrator/model/open-client.ts';
import { openPythonProject } from './python-project.ts';
import { openProject, type Project, type Wrap } from './wrap-process.ts';

const FEATURES = ['a', 'b'].map((name) => ({ name, type: 'double' as const }));
/** More than one message of 16 MiB holds: it is answered only where it travels in pieces. */
const MANY = 1_200_000;

/** Each row's `a + b`, the rows of the call that `predict` saw, and its process. */
const TYPESCRIPT = `
export default class Seen {
  predict({ rows, matrix }) {
    const sum = Float64Array.from({ length: rows }, (_, row) => matrix[row * 2] + matrix[row * 2 + 1]);
    return { sum, rows: new Float64Array(rows).fill(rows), pid: new Float64Array(rows).fill(process.pid) };
  }
}
`;
const PYTHON = `
import os

import numpy as np


class Seen:
    def predict(self, request):
        sums = request.matrix.sum(axis=1)
        return {"sum": sums, "rows": np.full(request.rows, request.rows), "pid": np.full(request.rows, os.getpid())}
`;

describe.each([
  { language: 'TypeScript', open: (wrapper: string) => openProject(TYPESCRIPT, { wrapper }) },
  { language: 'Python', open: (wrapper: string) => openPythonProject(PYTHON, { wrapper }) },
])('two replicas of a predictor in $language', ({ open }) => {
  let project: Project;
  let wrap: Wrap;
  let client: ModelClient;
  const pids: number[] = [];
  beforeAll(async () => {
    project = await open('replicas: 2, threads: 1');
    wrap = project.wrap();
    const loaded = [await wrap.loaded(), await wrap.loaded()];
    pids.push(...loaded.map(({ pid }) => pid));
    const address = loaded.map((each) => each.address).sort((one, other) => other.length - one.length)[1];
    client = openModelClient({ address, model: 'm', features: FEATURES });
    await everyReplica(client, pids);
  });
  afterAll(async () => {
    await client.close();
    await project.close();
  });

  test('calls in flight go to both, and each gets its own answer', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, at) => infer(client, [at, 1, at, 2])));
    expect(answers.map((answer) => [...output(answer, 'sum')])).toEqual(
      Array.from({ length: 100 }, (_, at) => [at + 1, at + 2]),
    );
    expect(new Set(answers.flatMap((answer) => [...output(answer, 'pid')]))).toEqual(new Set(pids));
  });

  test('the rows of a large call are split over both, and come back in their order', async () => {
    const values = Float64Array.from({ length: MANY * 2 }, (_, at) => at);
    const answer = await infer(client, values);
    expect(output(answer, 'sum')).toEqual(Float64Array.from({ length: MANY }, (_, row) => 4 * row + 1));
    expect(new Set(output(answer, 'pid'))).toEqual(new Set(pids));
    expect(Math.max(...new Set(output(answer, 'rows')))).toBeLessThan(MANY / 10);
  });

  test('while one is away the other answers, and it is used again when it is back', async () => {
    const [gone, stays] = pids;
    process.kill(gone, 'SIGKILL');
    const { pid } = await wrap.loaded();
    pids.splice(0, 2, stays, pid);
    await everyReplica(client, pids);
    const answers = await Promise.all(Array.from({ length: 20 }, () => infer(client, [1, 1])));
    expect(new Set(answers.flatMap((answer) => [...output(answer, 'pid')]))).toEqual(new Set(pids));
  });
});

describe.each([
  {
    language: 'TypeScript',
    open: () => openProject(TYPESCRIPT.replace('predict(', 'atomic = true;\n  predict(')),
  },
  {
    language: 'Python',
    open: () =>
      openPythonProject(PYTHON.replace('class Seen:', 'class Seen:\n    atomic = True\n'), { wrapper: 'threads: 1' }),
  },
])('an atomic predictor in $language', ({ open }) => {
  test('sees all rows of a large call at once', async () => {
    const project = await open();
    try {
      const client = openModelClient({
        address: (await project.wrap().loaded()).address,
        model: 'm',
        features: FEATURES,
      });
      await ready(client);
      const rows = 50_000;
      expect([...new Set(output(await infer(client, new Float64Array(rows * 2)), 'rows'))]).toEqual([rows]);
      await client.close();
    } finally {
      await project.close();
    }
  });
});

function infer(client: ModelClient, values: readonly number[] | Float64Array): Promise<InferResult> {
  const data = Float64Array.from(values);
  const rows = data.length / 2;
  const tensors = [{ name: 'features', datatype: 'FP64' as const, shape: [rows, 2], data }];
  return client.infer(tensors, { rows, deadlineMs: performance.now() + 20_000 });
}

const output = ({ outputs }: InferResult, name: string): Float64Array =>
  outputs.find((each) => each.name === name)!.data as Float64Array;

async function ready(client: ModelClient): Promise<void> {
  if (client.ready) return;
  await new Promise<void>((resolve) => client.onReadyChange((isReady) => isReady && resolve()));
}

/** Resolves when calls reach each of these processes. */
async function everyReplica(client: ModelClient, pids: readonly number[]): Promise<void> {
  await ready(client);
  for (const seen = new Set<number>(); !pids.every((pid) => seen.has(pid));) {
    const answers = await Promise.allSettled([infer(client, [1, 1]), infer(client, [1, 1])]);
    for (const answer of answers) {
      if (answer.status === 'fulfilled') seen.add(output(answer.value, 'pid')[0]);
    }
  }
}
