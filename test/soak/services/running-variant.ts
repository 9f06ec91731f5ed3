import { join } from 'node:path';
import { startDev } from '../../e2e/start-dev.ts';
import { runExample } from '../troubles/running-example.ts';
import type { Running } from '../troubles/trouble.ts';
import { writeVariant, type Variant } from './flights-variant.ts';
import { WeatherProcess } from './weather-process.ts';

/** Starts the example over a weather service of its own. */
export async function runVariant(variant: Omit<Variant, 'weatherUrl'>): Promise<Running<WeatherProcess>> {
  const weather = await WeatherProcess.open();
  return runExample(weather, async (folder) => {
    const file = await writeVariant(folder, { weatherUrl: weather.url, ...variant });
    return startDev(file, join(folder, 'state'));
  });
}
