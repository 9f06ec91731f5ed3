import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { httpAddress, startChild } from './load/child.ts';
import { fillByDev, startEcho, startTandem, type Stack } from './load/stack.ts';
import { predictionsOf, type Workload } from './load/workload.ts';
import type { Options } from './options.ts';
import type { Section } from './rounds.ts';

const MODEL = 'delay-risk';
/** The example's own configuration. */
export const BOARDS_CONFIG = fileURLToPath(new URL('../examples/flights/tandem.yaml', import.meta.url));
const WEATHER = fileURLToPath(import.meta.resolve('../examples/flights/weather.ts'));
const BOARDS = fileURLToPath(new URL('../examples/flights/boards.jsonl', import.meta.url));

/** The example as a newcomer gets it, filled by `tandem dev`, beside the echo of the same bodies. */
export async function boardsSection(folder: string, options: Options): Promise<Section> {
  const stacks: Stack[] = [];
  if (options.stacks.includes('echo')) stacks.push(await startEcho(MODEL));
  if (options.stacks.includes('tandem')) {
    await startWeather();
    const stateDir = path.join(folder, 'flights');
    await fillByDev(BOARDS_CONFIG, stateDir);
    stacks.push(await startTandem(MODEL, BOARDS_CONFIG, stateDir));
  }
  return { stacks, workloads: [await boardsWorkload()] };
}

/** The example's weather service, which the configuration finds by the environment from then on. */
export async function startWeather(): Promise<{ url: string; pid: number }> {
  const weather = startChild(WEATHER, ['--port', '0']);
  const url = `http://${httpAddress(await weather.listening)}`;
  process.env['WEATHER_URL'] = url;
  return { url, pid: weather.pid };
}

/**
 * The example's departure boards: 200 bodies of some 200 flights each. Here an answer is right when it is a probability
 * a flight; that the numbers are right is what the soak and the interop check.
 */
export async function boardsWorkload(): Promise<Workload> {
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
