import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDev } from '../../e2e/start-dev.ts';
import { writeVariant, type Variant } from './flights-variant.ts';
import { WeatherProcess } from './weather-process.ts';

/** The example over a weather service of its own. */
export interface RunningVariant extends AsyncDisposable {
  /** Of `:predict`. */
  url: string;
  weather: WeatherProcess;
}

/** Starts both. */
export async function runVariant(variant: Omit<Variant, 'weatherUrl'>): Promise<RunningVariant> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'tandem-soak-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const weather = await WeatherProcess.open();
  stack.defer(() => weather.kill());
  const dev = await startDev(
    await writeVariant(folder, { weatherUrl: weather.url, ...variant }),
    join(folder, 'state'),
  );
  stack.defer(() => dev.stop());
  const running = stack.move();
  return {
    url: `${dev.http}/v1/models/delay-risk:predict`,
    weather,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
