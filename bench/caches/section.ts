import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillStore, seededRandom, type Data } from '../linear/data.ts';
import { linearShots } from '../linear/workloads.ts';
import { httpAddress, startChild } from '../load/child.ts';
import { startBare, startEcho, startTandem, type Stack } from '../load/stack.ts';
import { verifyAnswers, type CheckedShots } from '../load/workload.ts';
import { bodiesOf, cacheData, WARMTHS, type Warmth } from './items.ts';

const MODEL = 'linear';
const CONFIG = fileURLToPath(new URL('./tandem.yaml', import.meta.url));
const SERVICE = fileURLToPath(import.meta.resolve('./service.ts'));
const SIZES = [1, 10, 100] as const;

/** Bodies of one size, and how many of their keys are known. */
export interface CacheLoad extends CheckedShots {
  rows: number;
  warmth: Warmth;
  /** The body that the next run begins with, by stack: keys that must not be known yet come in turn. */
  nextBody: Map<Stack, number>;
}

/** What the service was asked for so far. */
interface ServiceCounts {
  calls: number;
  keys: number;
}

export interface CacheSection {
  /** Each with caches of its own, and all before one service. */
  stacks: readonly Stack[];
  loads: readonly CacheLoad[];
  servicePid: number;
  counts(): Promise<ServiceCounts>;
}

/** The items' service, and before it the stacks that cache what it answers; every kind of answer is verified. */
export async function openCaches(folder: string, names: readonly Stack['name'][]): Promise<CacheSection> {
  const data = cacheData();
  const stateDir = path.join(folder, 'caches');
  const store = path.join(stateDir, 'online');
  await fillStore(store, { items: new Map(), cities: data.cities });
  const service = startChild(SERVICE);
  const url = `http://${httpAddress(await service.listening)}`;
  process.env['FEATURES_URL'] = url;

  const stacks: Stack[] = [];
  for (const name of names) {
    if (name === 'echo') stacks.push(await startEcho(MODEL));
    else if (name === 'bare') stacks.push(await startBare(MODEL, store, path.join(folder, 'bare.sock'), url));
    else stacks.push(await startTandem(MODEL, CONFIG, stateDir));
  }
  const loads = await makeLoads(data, folder);
  for (const load of loads) for (const { name, url: at } of stacks) await verifyAnswers(name, at, load);
  return {
    stacks,
    loads,
    servicePid: service.pid,
    counts: async () => (await (await fetch(`${url}/counts`)).json()) as ServiceCounts,
  };
}

function makeLoads(data: Data, folder: string): Promise<CacheLoad[]> {
  const random = seededRandom(SIZES.length);
  const kinds = SIZES.flatMap((rows) => WARMTHS.map((warmth) => ({ rows, warmth })));
  return Promise.all(
    kinds.map(async ({ rows, warmth }) => {
      const bodies = bodiesOf(warmth, rows, data, random);
      const shots = await linearShots(`${warmth}${rows}`, data, bodies, folder);
      return { ...shots, rows, warmth, nextBody: new Map() };
    }),
  );
}
