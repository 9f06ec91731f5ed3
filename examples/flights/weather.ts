/**
 * The example's weather service: what was observed at the three airports, hour by hour, from `data/observations.csv.gz`.
 *
 *     node examples/flights/weather.ts --port 9090
 *
 *     POST /observations:lookup   {"keys":[{"origin":"EWR","hour":"2013-09-27T10:00:00Z"}]} → {"items":[…]}
 *     GET  /stations/EWR/hours/2013-09-27T10:00:00Z                                         → one item, or 404
 *     GET  /counts                what was asked so far; POST /counts:reset begins anew
 *     POST /fault                 {"fault":"slow","ms":5000,"share":0.5}, or {"fault":null}: see weather-faults.ts
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Counts } from './weather-counts.ts';
import { readFault, sendWith, type Fault } from './weather-faults.ts';

/** One hour at one airport: degrees Fahrenheit, miles per hour. A few were not recorded. */
interface Observation {
  [name: string]: string | number | null;
  origin: string;
  hour: string;
  /** The end of the hour: the moment from which it is known. */
  until: string;
  temp: number | null;
  wind_speed: number | null;
}

/** 26,115 of them, by origin and hour. */
function readObservations(): Map<string, Observation> {
  const file = new URL('data/observations.csv.gz', import.meta.url);
  const [, ...lines] = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
  return new Map(lines.map(readLine).map((item) => [keyOf(item), item]));
}

function readLine(line: string): Observation {
  const [origin, hour, temp, wind] = line.split(',');
  const until = new Date(Date.parse(hour) + 3_600_000).toISOString().replace('.000', '');
  return {
    origin,
    hour,
    until,
    temp: temp === '' ? null : Number(temp),
    wind_speed: wind === '' ? null : Number(wind),
  };
}

/** Whatever a caller sent as a key; what is none is no observation's. */
function keyOf(key: unknown): string {
  const { origin, hour } = (key ?? {}) as { origin?: unknown; hour?: unknown };
  return typeof origin === 'string' && typeof hour === 'string' ? `${origin} ${hour}` : '';
}

const STATION = /^\/stations\/([^/]+)\/hours\/([^/]+)$/;

/** Opens the service; port 0 takes a free one. */
export async function openWeather(port: number, firstFault?: Fault): Promise<Server> {
  const observations = readObservations();
  const counts = new Counts();
  let fault = firstFault;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const route = `${request.method} ${STATION.test(path) ? '/stations' : path}`;
    switch (route) {
      case 'POST /observations:lookup': {
        const { keys } = (await json(request)) as { keys?: unknown };
        if (!Array.isArray(keys)) return send(response, 400, { error: '"keys" is a list of {"origin","hour"}' });
        const wanted = keys.map(keyOf);
        counts.add('lookup', wanted);
        const items = wanted.map((key) => observations.get(key)).filter((item) => item !== undefined);
        return sendWith(fault, response, { items });
      }
      case 'GET /stations': {
        const [, origin, hour] = STATION.exec(path)!.map(decodeURIComponent);
        const key = keyOf({ origin, hour });
        counts.add('station', [key]);
        const item = observations.get(key);
        return item ? sendWith(fault, response, item) : send(response, 404, { error: 'nothing was observed then' });
      }
      case 'GET /counts':
        return send(response, 200, counts.shown);
      case 'POST /counts:reset':
        return send(response, 200, counts.reset());
      case 'POST /fault':
        fault = readFault(await json(request));
        return send(response, 200, { fault: fault?.fault ?? null });
      default:
        return send(response, 404, { error: 'no such route' });
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, 400, { error: error instanceof Error ? error.message : 'the request cannot be read' });
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '9090' }, fault: { type: 'string' } } });
  const server = await openWeather(Number(values.port), readFault({ fault: values.fault ?? null }));
  const { address, port } = server.address() as AddressInfo;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close();
      server.closeAllConnections();
    });
  }
  // Last: who reads this line may end the process at once, and cleanly.
  console.log(JSON.stringify({ event: 'listening', http: `${address}:${port}` }));
}
