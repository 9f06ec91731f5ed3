import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const EXAMPLE = fileURLToPath(new URL('../../../examples/flights/', import.meta.url));

/** The parts of the example that a variant changes. */
interface Flights {
  services: { weather: { url: string; timeout: string } };
  views: { weather: { nulls?: string; cache?: Record<string, string> } };
  models: Record<string, { deadline: string; budget?: unknown; wrapper: { predictor: string; modelUri: string } }>;
  dev: { fill: Record<string, string>; run?: unknown };
}

export interface Variant {
  weatherUrl: string;
  /** Of the view `weather`; undefined: none. */
  cache: Record<string, string> | undefined;
  /** Nothing is late: what is asked for again is not asked for since it was late. */
  isPatient?: boolean;
}

/**
 * The example in another folder, with the soak's weather service. A field that the service leaves out is a null: here it
 * has its default and is told (`nulls: default`), which the example, whose service leaves none out, does not ask for.
 */
export async function writeVariant(folder: string, { weatherUrl, cache, isPatient = false }: Variant): Promise<string> {
  const flights = parse(await readFile(join(EXAMPLE, 'tandem.yaml'), 'utf8')) as Flights;
  flights.services.weather.url = weatherUrl;
  const { weather } = flights.views;
  weather.nulls = 'default';
  if (cache === undefined) delete weather.cache;
  else weather.cache = cache;
  if (isPatient) flights.services.weather.timeout = '10s';
  for (const model of Object.values(flights.models)) {
    const { wrapper } = model;
    if (isPatient) {
      model.deadline = '20s';
      delete model.budget;
    }
    wrapper.predictor = join(EXAMPLE, wrapper.predictor);
    wrapper.modelUri = join(EXAMPLE, wrapper.modelUri);
  }
  const { fill } = flights.dev;
  flights.dev = {
    fill: Object.fromEntries(Object.entries(fill).map(([table, file]) => [table, join(EXAMPLE, file)])),
  };
  const file = join(folder, 'tandem.yaml');
  await writeFile(file, stringify(flights));
  return file;
}
