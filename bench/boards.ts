import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openWeather } from '../examples/flights/weather.ts';
import { fillByDev, startEcho, startTandem, type Stack } from './load/stack.ts';
import { predictionsOf, type Workload } from './load/workload.ts';
import type { Options } from './options.ts';
import type { Section } from './rounds.ts';

const MODEL = 'delay-risk';
const CONFIG = fileURLToPath(new URL('../examples/flights/tandem.yaml', import.meta.url));
const BOARDS = fileURLToPath(new URL('../examples/flights/boards.jsonl', import.meta.url));

/** The example as a newcomer gets it, filled by `tandem dev`, beside the echo of the same bodies. */
export async function boardsSection(folder: string, options: Options): Promise<Section> {
  const stacks: Stack[] = [];
  if (options.stacks.includes('echo')) stacks.push(await startEcho(MODEL));
  if (options.stacks.includes('tandem')) {
    const stateDir = path.join(folder, 'flights');
    await fillByDev(CONFIG, stateDir);
    process.env['WEATHER_URL'] = await serveWeather();
    stacks.push(await startTandem(MODEL, CONFIG, stateDir));
  }
  return { stacks, workloads: [await boardsWorkload()] };
}

/** In this process, for as long as it lives: each hour's weather is asked for once, and then cached. */
async function serveWeather(): Promise<string> {
  const server = await openWeather(0);
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * The example's departure boards: 200 bodies of some 200 flights each. Here an answer is right when it is a probability
 * a flight; that the numbers are right is what the soak and the interop check.
 */
async function boardsWorkload(): Promise<Workload> {
  const bodies = (await readFile(BOARDS, 'utf8')).trimEnd().split('\n');
  return {
    name: 'boards',
    bodies,
    bodiesFile: BOARDS,
    connections: 16,
    mayFallBack: true,
    check(answer, index) {
      const { instances } = JSON.parse(bodies[index]) as { instances: unknown[] };
      const predictions = predictionsOf(answer, instances.length);
      if (predictions.some((value) => value < 0 || value > 1)) throw new Error(`board ${index}: not probabilities`);
    },
  };
}
