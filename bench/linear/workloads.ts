import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { predictionsOf, type Workload } from '../load/workload.ts';
import { expectedScores, makeBodies, type Data } from './data.ts';

const BODIES = 256;
/** Sums of eleven products in another order differ by some 1e-16. */
const TOLERANCE = 1e-9;

/** The bodies of N = 1, 10 and 100 with their right answers. */
export async function linearWorkloads(data: Data, random: () => number, folder: string): Promise<Workload[]> {
  return Promise.all(
    ([1, 10, 100] as const).map(async (rows) => {
      const bodies = makeBodies(data, random, rows, BODIES);
      const expected = bodies.map((body) => expectedScores(data, body));
      const lines = bodies.map((body) => JSON.stringify(body));
      const bodiesFile = path.join(folder, `n${rows}.jsonl`);
      await writeFile(bodiesFile, `${lines.join('\n')}\n`);
      return {
        name: `n${rows}` as const,
        bodies: lines,
        bodiesFile,
        connections: 16,
        mayFallBack: false,
        check(answer: unknown, index: number) {
          const predictions = predictionsOf(answer, rows);
          const wrong = predictions.findIndex((value, row) => Math.abs(value - expected[index][row]) > TOLERANCE);
          if (wrong >= 0) {
            throw new Error(`body ${index}, row ${wrong}: ${predictions[wrong]} is not ${expected[index][wrong]}`);
          }
        },
      };
    }),
  );
}
