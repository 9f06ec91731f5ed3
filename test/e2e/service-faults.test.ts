import { describe, expect, test, vi } from 'vitest';
import { FAULTS } from '../../examples/flights/weather-faults.ts';
import { readBoards, runWeather, serveWeather, type Rows, type WeatherApp } from './weather-project.ts';

const BOARDS = readBoards().slice(0, 20);
/** Those that only time ends; the others are not to be mistaken for them on a busy machine. */
const HANGING = new Set(['slow', 'trickling']);
/** The service says the same in another way. */
const HARMLESS = new Set(['shuffled', 'duplicates']);

function askAll(app: WeatherApp): Promise<Rows[]> {
  return Promise.all(BOARDS.map((board) => app.features(board)));
}

async function askWellService(): Promise<Rows[]> {
  await using weather = await runWeather();
  await using app = await serveWeather({ url: weather.url });
  return await askAll(app);
}

const isThere = (state: string): boolean => state.startsWith('PRESENT');

/** Temperature and wind of each row. */
const pairsOf = ({ values: [temps, winds] }: Rows): unknown[] => temps.map((temp, row) => [temp, winds[row]]);

function toldCount({ told }: Rows): number {
  const degraded = (told.json['degraded'] ?? []) as { count: number }[];
  return degraded.reduce((sum, { count }) => sum + count, 0);
}

describe.concurrent('a service that does wrong', async () => {
  const truth = await askWellService();
  const states = truth.map(({ temp }) => temp);

  test.each(FAULTS.map((fault) => ({ fault })))(
    '($fault) gives true values, or their defaults, told; and true ones once it is mended',
    async ({ fault }) => {
      await using weather = await runWeather();
      await using app = await serveWeather({
        url: weather.url,
        service: `timeout: ${HANGING.has(fault) ? '200ms' : '10s'}, retries: 1`,
        view: 'nulls: default',
      });
      await weather.fault(fault, { ms: 60_000 });
      const answers = await askAll(app);
      for (const [at, answer] of answers.entries()) {
        const pairs = pairsOf(truth[at]);
        expect(pairsOf(answer)).toEqual(answer.temp.map((state, row) => (isThere(state) ? pairs[row] : [null, 8])));
        expect(toldCount(answer)).toBe(answer.temp.filter((state) => !isThere(state)).length);
      }
      const isTrue = answers.every(({ temp }, at) => temp.every((state, row) => state === states[at][row]));
      expect(isTrue).toBe(HARMLESS.has(fault));
      await weather.fault(null);
      await vi.waitFor(async () => expect((await askAll(app)).map(({ temp }) => temp)).toEqual(states), {
        timeout: 10_000,
      });
    },
  );
});
