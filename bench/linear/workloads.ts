import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { predictionsOf, type CheckedShots, type Workload } from '../load/workload.ts';
import { expectedScores, makeBodies, type Body, type Data } from './data.ts';

const BODIES = 256;
/** Sums of eleven products in another order differ by some 1e-16. */
const TOLERANCE = 1e-9;

/** The bodies of N = 1, 10 and 100 with their right answers. */
export async function linearWorkloads(data: Data, random: () => number, folder: string): Promise<Workload[]> {
  return Promise.all(
    ([1, 10, 100] as const).map(async (rows) => ({
      ...(await linearShots(`n${rows}`, data, makeBodies(data, random, rows, BODIES), folder)),
      name: `n${rows}` as const,
    })),
  );
}

/** Bodies for the linear model, written to a file of `folder`; the answers to the first 256 of them are verified. */
export async function linearShots(
  name: string,
  data: Data,
  all: readonly Body[],
  folder: string,
): Promise<CheckedShots> {
  const bodiesFile = path.join(folder, `${name}.jsonl`);
  await writeFile(bodiesFile, all.map((body) => `${JSON.stringify(body)}\n`).join(''));
  const bodies = all.slice(0, BODIES);
  const expected = bodies.map((body) => expectedScores(data, body));
  return {
    name,
    bodies: bodies.map((body) => JSON.stringify(body)),
    bodiesFile,
    connections: 16,
    mayFallBack: false,
    check(answer: unknown, index: number) {
      const predictions = predictionsOf(answer, bodies[index].instances.length);
      const wrong = predictions.findIndex((value, row) => Math.abs(value - expected[index][row]) > TOLERANCE);
      if (wrong >= 0) {
        throw new Error(`body ${index}, row ${wrong}: ${predictions[wrong]} is not ${expected[index][wrong]}`);
      }
    },
  };
}
