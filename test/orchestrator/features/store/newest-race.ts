import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Store } from '../../../../orchestrator/features/source.ts';
import { read } from '../source-contract.ts';

const WRITER = fileURLToPath(new URL('./newest-writer.ts', import.meta.url));
const ROUNDS = 60;

/** Of each key's two rows, one is of moment 0 and one of 1. */
export const NEWEST = { values: [1], times: [Date.UTC(2013, 0, 1) + 1] };

/** Two processes write the same keys at once, round for round. Gives what there is in the end: values and times, each once. */
export async function raceOfTwoWriters(
  store: Store,
  ...place: [kind: string, where: string, encoding: string]
): Promise<typeof NEWEST> {
  const writers = ['0', '1'].map((writer) => fork(WRITER, [...place, writer], { execPath: process.execPath }));
  const both = (): Promise<unknown> => Promise.all(writers.map((writer) => once(writer, 'message')));
  await both();
  for (let round = 0; round < ROUNDS; round++) {
    const written = both();
    for (const writer of writers) writer.send(round);
    await written;
  }
  const ends = writers.map((writer) => once(writer, 'exit'));
  for (const writer of writers) writer.disconnect();
  await Promise.all(ends);
  const keys = Array.from({ length: ROUNDS * 500 }, (_, at) => `${Math.floor(at / 500)}|${at % 500}`);
  const { values, timestampMs } = await read(store.source('plane'), keys, [{ name: 'moment', type: 'double' }]);
  return { values: [...new Set(values[0] as Float64Array)], times: [...new Set(timestampMs)] };
}
