import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBare, startEcho, startTandem, startTrial, type Stack, type StackName } from '../load/stack.ts';
import type { Options } from '../options.ts';
import type { Section } from '../rounds.ts';
import { fillStore, makeData, seededRandom } from './data.ts';
import { linearWorkloads } from './workloads.ts';

const MODEL = 'linear';
const CONFIG = fileURLToPath(new URL('./tandem.yaml', import.meta.url));
const SEED = 20_130_101;

/** The linear model behind every stack, all reading the one store that Tandem's stateDir holds. */
export async function linearSection(folder: string, options: Options): Promise<Section> {
  const random = seededRandom(SEED);
  const data = makeData(random);
  const stateDir = path.join(folder, 'linear');
  const store = path.join(stateDir, 'online');
  await fillStore(store, data);
  const workloads = await linearWorkloads(data, random, folder);

  const start: Record<StackName, () => Promise<Stack>> = {
    echo: () => startEcho(MODEL),
    bare: () => startBare(MODEL, store, path.join(folder, 'bare.sock')),
    trial: () => startTrial(MODEL, store, path.join(folder, 'trial.sock')),
    tandem: () => startTandem(MODEL, CONFIG, stateDir),
  };
  const stacks: Stack[] = [];
  for (const name of options.stacks) stacks.push(await start[name]());
  return { stacks, workloads: workloads.filter(({ name }) => options.loads.includes(name)) };
}
