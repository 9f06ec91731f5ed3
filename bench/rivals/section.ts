import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePython } from '../../test/python.ts';
import { fillRedis, makeData, seededRandom } from '../linear/data.ts';
import { linearWorkloads } from '../linear/workloads.ts';
import type { Processes } from '../load/cell.ts';
import { startBareRedis, startTandem } from '../load/stack.ts';
import { verifyAnswers, type Workload } from '../load/workload.ts';
import { inferenceShots } from './inference-shots.ts';
import { isPythonServer, PREDICTOR, startGrpcPredictor, startPythonServer } from './python/start.ts';

const MODEL = 'linear';
const CONFIG = fileURLToPath(new URL('../linear/tandem.yaml', import.meta.url));
const SEED = 20_261_123;

/** In the order of the table. */
export const RIVALS = [
  'tandem-python',
  'tandem-typescript',
  'grpc-aio',
  'fastapi',
  'kserve',
  'mlserver',
  'litserve',
  'bentoml',
] as const;
export type Rival = (typeof RIVALS)[number];

/** A stack that runs, with the bodies that it takes. */
export interface RivalStack {
  name: Rival;
  url: string;
  processes: Processes;
  workloads: readonly Workload[];
}

/** Fills a Redis that all stacks read; what it resolves to starts one of them and verifies every answer of it. */
export async function prepareRivals(redis: string, folder: string): Promise<(name: Rival) => Promise<RivalStack>> {
  const random = seededRandom(SEED);
  const data = makeData(random);
  await fillRedis(redis, data);
  const v1 = await linearWorkloads(data, random, folder);
  const inference = await Promise.all(v1.map((workload) => inferenceShots(workload, folder)));

  return async (name) => {
    const { url, processes } = await startRival(name, redis, folder);
    const workloads = name === 'mlserver' ? inference : v1;
    for (const workload of workloads) await verifyAnswers(name, url, workload);
    return { name, url, processes, workloads };
  };
}

async function startRival(name: Rival, redis: string, folder: string): Promise<{ url: string; processes: Processes }> {
  const scratch = path.join(folder, name);
  if (isPythonServer(name)) return startPythonServer(name, redis, scratch);
  if (name === 'grpc-aio') {
    const socket = path.join(folder, 'grpc-aio.sock');
    return startBareRedis(MODEL, redis, socket, await startGrpcPredictor(socket));
  }
  const wrapper = name === 'tandem-python' ? `{ predictor: '${PREDICTOR}', python: '${await ensurePython()}' }` : '{}';
  const overlay = path.join(folder, `${name}.yaml`);
  const store = `{ type: redis, url: '${redis}', encoding: json, timeout: 2s }`;
  await writeFile(overlay, `stores: { online: ${store} }\nmodels: { linear: { wrapper: ${wrapper} } }\n`);
  return startTandem(MODEL, CONFIG, scratch, [overlay]);
}
