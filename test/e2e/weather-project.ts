import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { openWeather } from '../../examples/flights/weather.ts';
import type { App } from '../../orchestrator/app.ts';
import { ask, type Told } from './ask.ts';
import { projectFolder, serveProject, type LogLine } from './serve-project.ts';

/** What a test says otherwise of the service `weather` and of the one view that reads it. */
interface WeatherYaml {
  url: string;
  /** More of the service. */
  service?: string;
  /** Where the view reads; default: the batch of the example. */
  read?: string;
  /** More of the view: `cache: { … }`. */
  view?: string;
  deadline?: string;
}

const BATCH =
  'batch: { size: 100, post: /observations:lookup, body: { keys: $keys }, items: /items, match: { origin: /origin, hour: /hour } }';

/** The example's weather alone: one row an airport for the last full hour. */
function weatherYaml({ url, service = '', read = BATCH, view = '', deadline = '20s' }: WeatherYaml): string {
  return `version: 1
project: p
asOf: request.time
inputs: { request: { time: timestamp }, instance: { id: string, origin: string } }
services:
  weather: { url: '${url}', ${service === '' ? 'timeout: 10s' : service} }
views:
  weather:
    service: weather
    key: { origin: instance.origin, hour: "truncate(request.time - duration('1h'), '1h')" }
    ${read}
    fields: { temp: double, wind: { type: double, at: /wind_speed } }
    defaults: { wind: 8 }
    ${view}
models:
  m: { deadline: ${deadline}, id: instance.id, features: [weather.temp, weather.wind], wrapper: { predictor: ./predictor.ts } }
`;
}

/** The features of one answer, row by row. */
export interface Rows {
  /** `PRESENT service` of `weather.temp` and of `weather.wind`. */
  temp: string[];
  wind: string[];
  values: (number | null)[][];
  /** The header that tells of incidents. */
  degraded: string | undefined;
  told: Told;
}

/** A running app whose only view reads weather; its model is not loaded, since only features are asked for. */
export interface WeatherApp extends AsyncDisposable {
  app: App;
  log: LogLine[];
  features(board: WeatherBoard, headers?: Record<string, string>): Promise<Rows>;
}

export interface WeatherBoard {
  request: { time: string };
  instances: { id: string; origin: string }[];
}

/** An hour of which everything was observed, at all three airports. */
export const BOARD: WeatherBoard = {
  request: { time: '2013-09-27T11:20:00Z' },
  instances: ['EWR', 'JFK', 'LGA'].map((origin) => ({ id: origin, origin })),
};

export async function serveWeather(yaml: WeatherYaml): Promise<WeatherApp> {
  const project = await projectFolder({ 'tandem.yaml': weatherYaml(yaml), 'predictor.ts': '' });
  const { app, log } = await serveProject(project.folder);
  return {
    app,
    log,
    async features(board, headers = {}) {
      const told = await ask(app.listening.http, { path: '/v1/models/m:features', body: board, headers });
      if (told.status !== 200) throw new Error(`${told.status} ${told.text}`);
      const [temp, wind] = told.json['features'] as {
        values: (number | null)[];
        statuses: string[];
        sources: string[];
      }[];
      const states = ({ statuses, sources }: typeof temp): string[] =>
        statuses.map((status, row) => `${status} ${sources[row]}`);
      const degraded = told.headers['x-tandem-degraded'] as string | undefined;
      return { temp: states(temp), wind: states(wind), values: [temp.values, wind.values], degraded, told };
    },
    async [Symbol.asyncDispose]() {
      await app.drain();
      await project[Symbol.asyncDispose]();
    },
  };
}

/** The example's weather service in this process, with its switches. */
interface RunningWeather extends AsyncDisposable {
  url: string;
  /** A fault as `POST /fault` names it; null mends it. */
  fault(fault: string | null, more?: { ms?: number; share?: number }): Promise<void>;
  counts(): Promise<WeatherCounts>;
  /** Connections that are open. */
  connections(): Promise<number>;
}

interface WeatherCounts {
  lookup: { calls: number; keys: number };
  station: { calls: number; keys: number };
  distinctKeys: number;
  mostOfOneKey: number;
}

export async function runWeather(): Promise<RunningWeather> {
  const server = await openWeather(0);
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${at}`,
    async fault(fault, more = {}) {
      const { status, text } = await ask(at, { path: '/fault', body: { fault, ...more } });
      if (status !== 200) throw new Error(text);
    },
    counts: async () => (await ask(at, { path: '/counts' })).json as unknown as WeatherCounts,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const BOARDS = new URL('../../examples/flights/boards.jsonl', import.meta.url);

/** What the example's 200 boards ask of the weather: each airport of each once is as much as all of its departures. */
export function readBoards(): WeatherBoard[] {
  const lines = readFileSync(BOARDS, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { request, instances } = JSON.parse(line) as WeatherBoard;
    return { request, instances: instances.map(({ id, origin }) => ({ id, origin })) };
  });
}
