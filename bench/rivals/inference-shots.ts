import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Body } from '../linear/data.ts';
import type { Workload } from '../load/workload.ts';

/** The answer of the Open Inference Protocol over REST, as far as it is read here. */
interface InferenceAnswer {
  outputs: { data: number[] }[];
}

/** A workload of V1 bodies as the Open Inference Protocol has them over REST: the ids and the city as BYTES. */
export async function inferenceShots(workload: Workload, folder: string): Promise<Workload> {
  const bodies = workload.bodies.map((body) => inferenceBody(JSON.parse(body) as Body));
  const bodiesFile = path.join(folder, `${workload.name}-inference.jsonl`);
  await writeFile(bodiesFile, bodies.map((body) => `${body}\n`).join(''));
  return {
    ...workload,
    bodies,
    bodiesFile,
    check: (answer, index) => workload.check({ predictions: (answer as InferenceAnswer).outputs[0].data }, index),
  };
}

function inferenceBody({ instances, request }: Body): string {
  const ids = instances.map(({ id }) => id);
  return JSON.stringify({ inputs: [textInput('id', ids), textInput('city', [request.city])] });
}

function textInput(name: string, data: readonly string[]): object {
  return { name, shape: [data.length], datatype: 'BYTES', data };
}
